import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { run, runJson, temporaryFolder } from '../run.js'
import { openNotes } from '../stores.js'

const words = fileURLToPath(new URL('../programs/words.config.ts', import.meta.url))
const lines = Array.from({ length: 20 }, (_, i) => ({
  id: `t${i}`,
  title: `Ticket ERR_${1040 + i}`,
  body: 'The upload fails',
}))

type Hits = { document: { key: string }; scores: object; matched: { text: string } }[]

test('words are found where the collection has them, with --db alone, and go along with an export', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'tickets.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const load = ['import', 'tickets.jsonl', '--db', 'new.db', '--field', 'title', '--field', 'body', '--keywords']
  expect(await runJson(load, { folder })).toMatchObject({ written: 20, problems: [] })
  const search = (db: string, ...args: string[]) =>
    runJson<Hits>(['search', 'ERR_1042', '--db', db, ...args], { folder })
  const byBoth = await search('new.db')
  expect(byBoth[0]).toMatchObject({
    document: { key: 't2' },
    scores: { vector: expect.any(Number), keyword: expect.any(Number) },
    matched: { text: 'Ticket ERR_1042' },
  })
  const byWords = await search('new.db', '--mode', 'keyword')
  expect(byWords[0]?.document.key).toBe('t2')
  expect(byWords[0]?.scores).not.toHaveProperty('vector')
  expect((await search('new.db', '--mode', 'vector'))[0]?.scores).not.toHaveProperty('keyword')
  expect(await runJson(['verify', '--db', 'new.db'], { folder })).toMatchObject({ checked: 20, left: 0 })

  // Of twenty titles, and of one body that all share.
  await run(['export', '--db', 'new.db', '--vectors', '-o', 'all.jsonl'], { folder })
  expect(await runJson(['import', 'all.jsonl', '--db', 'copy.db', '--vectors'], { folder })).toMatchObject({
    vectors: 21,
  })
  expect(await search('copy.db')).toMatchObject(
    byBoth.map(({ document: { key }, scores }) => ({ document: { key }, scores })),
  )
})

test('a store of words alone is searched, verified and exported without an embedder', async () => {
  const folder = await temporaryFolder()
  await using source = await openNotes(folder)
  await source.put(['a'], 'k', { title: 'Ticket ERR_1042' })
  await run(['export', '--db', 'notes.db', '-o', 'all.jsonl'], { folder })
  expect(await runJson(['import', 'all.jsonl', '--config', words], { folder })).toMatchObject({ written: 1 })
  for (const place of [
    ['--config', words],
    ['--db', 'words.db'],
  ]) {
    expect(await runJson<Hits>(['search', 'err_1042', ...place], { folder })).toMatchObject([
      { document: { key: 'k' } },
    ])
    expect(await runJson(['verify', ...place], { folder })).toMatchObject({ checked: 1, left: 0 })
    expect(await runJson(['health', ...place], { folder })).toMatchObject({ ok: true })
    expect(await runJson(['get', 'a', 'k', '--parts', ...place], { folder })).toMatchObject({
      parts: [{ state: 'current' }],
    })
    expect((await run(['search', 'x', '--mode', 'vector', ...place], { folder })).code).toBe(2)
    expect(await run(['export', '--vectors', ...place], { folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('words alone'),
    })
  }
})
