import { DatabaseSync } from 'node:sqlite'
import { createStore } from '@tandemstore/core'
import { sqlite } from '@tandemstore/sqlite'
import { fakeEmbedder } from '@tandemstore/testkit'
import { expect, test } from 'vitest'
import { temporaryFile } from './support.js'

/** Terms that are stored for a document of so many readings, each with a text to embed and values to filter by. */
async function termsOf(rows: number): Promise<number> {
  const path = await temporaryFile()
  const embedder = fakeEmbedder({ limits: { maxInputTokens: 256 } })
  const store = await createStore({
    collection: 'n',
    ...sqlite({ path }),
    embedder,
    index: { filterable: { 'rows.id': 'keyword' } },
  })
  const value = { rows: Array.from({ length: rows }, (_, i) => ({ id: `sensor-${i}`, v: i * 1.1, note: `note ${i}` })) }
  await store.put(['a'], 'k', value, { sync: 'wait' })
  await store.close()
  const db = new DatabaseSync(path, { readOnly: true })
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%(term TEXT%'").all()
  expect(tables).toHaveLength(1)
  const { terms } = db.prepare(`SELECT count(*) AS terms FROM ${tables[0]?.name}`).get() as { terms: number }
  db.close()
  return terms
}

test('the terms that are stored for a document grow with its size, and not with the square of it', async () => {
  const [small, large] = [await termsOf(500), await termsOf(4000)]
  expect(small).toBeGreaterThan(500)
  expect(large / small).toBeLessThan(10)
}, 60_000)
