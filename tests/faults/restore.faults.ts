import { createStore } from '@tandemstore/core'
import { fakeEmbedder } from '@tandemstore/testkit'
import { afterAll, expect, test } from 'vitest'
import { openRaw } from '../src/raw.ts'
import { expectInTandem } from './compare.ts'
import { connect, deleteEverything, execute, newConnection } from './databases.ts'
import { documentOf, expectFound } from './ingest.ts'
import { fields } from './programs/lines.ts'
import { tell } from './report.ts'
import { describeWithServices } from './services.ts'

const count = 300
const documents = Array.from({ length: count }, (_, i) => documentOf(i))

describeWithServices('a database restored from a backup', ({ cassandra, qdrant }) => {
  const connection = newConnection(cassandra, qdrant)
  afterAll(() => deleteEverything(connection))

  test('Qdrant is empty: one verify fills it', async ({ task }) => {
    const options = { collection: 'emptied', index: { fields }, ...connect(connection) }
    const before = await createStore({ ...options, embedder: fakeEmbedder() })
    await (await before.putMany(documents)).indexed
    await before.close()
    const old = await openRaw(options, 'emptied')
    await (await old.space()).drop()
    await old.close()

    const store = await createStore({ ...options, embedder: fakeEmbedder() })
    const raw = await openRaw(options, 'emptied')
    expect(await raw.points()).toEqual([])
    expect(await store.verify()).toMatchObject({ checked: count, missing: count, repaired: 0 })
    expect(await store.verify({ repair: true })).toMatchObject({ missing: count, repaired: count })
    await expectInTandem(raw, fields)
    await expectFound(store, count)
    await store.close()
    await raw.close()
    tell(task, {
      'documents whose points were lost, and made again': count,
      asserted: 'no point missing, stale or orphaned',
    })
  })

  test('the documents are those of yesterday: points ahead of them, and of documents there are not, give way', async ({
    task,
  }) => {
    const collection = 'yesterday'
    const options = { collection, index: { fields }, ...connect(connection) }
    const before = await createStore({ ...options, embedder: fakeEmbedder() })
    await (await before.putMany(documents)).indexed
    const raw = await openRaw(options, collection)
    const backup = await raw.rows()
    for (const { namespace, key, value } of documents.slice(0, 100)) {
      await before.put(namespace, key, { ...value, title: `changed ${key} after the backup` })
    }
    const { indexed } = await before.deleteMany(documents.slice(100, 150))
    await indexed
    await before.put(['ingest', 'new'], 'new', { title: 'new since the backup', body: 'new' })
    await before.flush()
    await before.close()

    await execute(connection, `TRUNCATE "${connection.name}"."${collection}_documents"`)
    for (const outcome of await raw.kv.put(backup.map((row) => ({ row })))) expect(outcome.status).toBe('written')

    const embedder = fakeEmbedder()
    const store = await createStore({ ...options, embedder })
    await store.recover()
    const result = await store.verify({ repair: true })
    expect(result).toMatchObject({ checked: count, missing: 50, stale: 100, orphaned: 1, repaired: 151 })
    const { rows } = await expectInTandem(raw, fields)
    expect(rows).toEqual(backup)
    expect(await store.verify()).toMatchObject({ checked: count, missing: 0, stale: 0, orphaned: 0 })
    await expectFound(store, count)
    expect(await store.search(['ingest', 'new'], { query: 'new since the backup' })).toEqual([])
    // Whose text had not changed since is not embedded again.
    const embedded = embedder.calls.filter(({ purpose }) => purpose === 'document').flatMap(({ texts }) => texts)
    expect(embedded).not.toContain(documents[200]?.value.title)
    await store.close()
    await raw.close()
    tell(task, {
      'documents gone back, come back, gone': '100, 50, 1',
      'texts embedded again': embedded.length,
      asserted: 'no point missing, stale or orphaned',
    })
  })
})
