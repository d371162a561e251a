import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { DocumentRow, Json } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { run, runJson, start, temporaryFolder } from '../run.js'
import { fillNotes, openNotes } from '../stores.js'

const noEmbedding = fileURLToPath(new URL('../programs/no-embedding.config.ts', import.meta.url))

/** The rows of a file, without what is of the write that made them. */
async function rowsOf(path: string): Promise<Omit<DocumentRow, 'version'>[]> {
  const kv = await sqlite({ path }).kv.open('notes')
  const rows: DocumentRow[] = []
  let after: Parameters<typeof kv.list>[0]['after']
  do {
    const page = await kv.list({ prefix: [], after, limit: 1000 })
    rows.push(...page.rows)
    after = page.next
  } while (after !== undefined)
  await kv.close()
  return rows.map(({ version: _, ...row }) => row)
}

const word = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
    fc.constantFrom('a\u2028b', 'a\nb', 'a\r', '\u2029'),
  )
  .filter((text) => !text.includes('\0') && text.isWellFormed())
const soon = Date.now() + 86_400_000
const documents = fc.uniqueArray(
  fc.record({
    namespace: fc.array(word, { minLength: 1, maxLength: 3 }),
    key: word,
    value: fc.record({
      title: word,
      body: fc.option(word, { nil: null }),
      more: fc.json({ depthSize: 'small' }).map((text): Json => JSON.parse(text)),
    }),
    index: fc.constantFrom(undefined, false as const, ['body'], ['$']),
    createdAt: fc.date({ min: new Date(0), max: new Date('2026-01-01'), noInvalidDate: true }),
    ttlMs: fc.constantFrom(undefined, 5000, soon),
    expiresAt: fc.constantFrom(undefined, new Date(soon), new Date(soon + 1)),
  }),
  { selector: ({ namespace, key }) => JSON.stringify([namespace, key]), minLength: 1, maxLength: 30 },
)

describe('export and import', () => {
  test('bring every document over as it is, with its times, expiry and directive, and its vectors', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (given) => {
        const folder = await temporaryFolder()
        const source = await openNotes(folder)
        const { failed } = await source.putMany(given.map((each) => ({ ...each, updatedAt: each.createdAt })))
        expect(failed).toEqual([])
        await source.close()
        const exported = await run(['export', '--db', 'notes.db', '--vectors', '-o', 'all.jsonl'], { folder })
        expect(exported).toMatchObject({ code: 0, stdout: '' })
        const imported = await runJson(['import', 'all.jsonl', '--config', noEmbedding, '--vectors'], { folder })
        const rows = await rowsOf(join(folder, 'notes.db'))
        expect(imported).toMatchObject({ written: rows.length, failed: 0, skipped: 0, problems: [] })
        expect(await rowsOf(join(folder, 'target.db'))).toEqual(rows)
        const verified = await runJson(['verify', '--config', noEmbedding], { folder })
        expect(verified).toMatchObject({ checked: rows.length, missing: 0, orphaned: 0, stale: 0 })
      }),
      { numRuns: 8 },
    )
  })

  test('a new file gets the collection, the model and the fields of the export, and the same answers', async () => {
    const folder = await temporaryFolder()
    await fillNotes(folder)
    const { stdout } = await run(['export', 'users', '--db', 'notes.db', '--vectors'], { folder })
    const piped = await run(['import', '-', '--db', 'new.db', '--vectors', '--json'], { folder, input: stdout })
    expect(JSON.parse(piped.stdout)).toEqual({
      collection: 'notes',
      written: 5,
      skipped: 0,
      failed: 0,
      vectors: 8,
      problems: [],
    })
    await writeFile(join(folder, 'users.jsonl'), stdout)
    expect(await runJson(['import', 'users.jsonl', '--db', 'other.db'], { folder })).toMatchObject({
      collection: 'notes',
      written: 5,
      vectors: 8,
    })
    const answer = async (file: string) =>
      (
        await runJson<{ score: number; document: { key: string } }[]>(['search', 'tea', 'users', '--db', file], {
          folder,
        })
      ).map(({ score, document: { key } }) => [key, score])
    const wanted = await answer('notes.db')
    expect(await answer('other.db')).toEqual(wanted)
    expect(await answer('new.db')).toEqual(wanted)
  })

  test('one that is broken off, or of a later release, or of another model, is told', async () => {
    const folder = await temporaryFolder()
    await fillNotes(folder)
    await run(['export', '--db', 'notes.db', '--vectors', '-o', 'all.jsonl'], { folder })
    const lines = (await readFile(join(folder, 'all.jsonl'), 'utf8')).trimEnd().split('\n')
    await writeFile(join(folder, 'half.jsonl'), `${lines.slice(0, 3).join('\n')}\n`)
    const half = await run(['import', 'half.jsonl', '--db', 'half.db', '--json'], { folder })
    expect(half.code).toBe(3)
    expect(JSON.parse(half.stdout)).toMatchObject({ written: 2, problems: [expect.stringContaining('not whole')] })
    const changed = [lines[0], ...lines.slice(2)].join('\n')
    await writeFile(join(folder, 'changed.jsonl'), changed)
    const lacking = await run(['import', 'changed.jsonl', '--db', 'half.db', '--json'], { folder })
    expect(lacking.code).toBe(3)
    expect(JSON.parse(lacking.stdout).problems).toEqual([expect.stringContaining('6 documents, and there are 5')])
    await writeFile(join(folder, 'later.jsonl'), (lines[0] as string).replace('"format":1', '"format":2'))
    expect((await run(['import', 'later.jsonl', '--db', 'half.db'], { folder })).code).toBe(2)
    const other = lines.join('\n').replace('"revision":"', '"revision":"x')
    await writeFile(join(folder, 'other.jsonl'), other)
    const refused = await run(['import', 'other.jsonl', '--db', 'notes.db', '--vectors'], { folder })
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('leave --vectors out') })
    expect(await runJson(['import', 'other.jsonl', '--db', 'notes.db'], { folder })).toMatchObject({
      written: 6,
      vectors: 0,
    })
    const none = await run(['export', '--db', 'notes.db', '-o', 'none.jsonl'], { folder })
    expect(none.code).toBe(0)
    expect((await run(['import', 'none.jsonl', '--db', 'notes.db', '--vectors'], { folder })).code).toBe(2)
  })

  test('what is wrong in a line is told, and damaged vectors are made again', async () => {
    const folder = await temporaryFolder()
    await fillNotes(folder)
    const { stdout } = await run(['export', 'users', '--db', 'notes.db', '--vectors'], { folder })
    const [header = '', first = '', second = '', third = '', fourth = ''] = stdout.split('\n')
    const changed = (line: string, change: object) => JSON.stringify({ ...JSON.parse(line), ...change })
    const { vectors } = JSON.parse(fourth)
    const lines = [
      header,
      changed(first, { expiresAt: null }),
      changed(second, { createdAt: 5 }),
      changed(third, { vectors: [null] }),
      changed(fourth, { vectors: vectors.map((each: object) => ({ ...each, vector: 'AADAfw==' })) }),
      '{"$tandem":{"documents":4}}',
    ]
    const { code, stderr, ...ended } = await run(['import', '-', '--db', 'new.db', '--json'], {
      folder,
      input: lines.join('\n'),
    })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: [
        'line 2: "expiresAt" is no time\n',
        'line 3: "createdAt" is no time\n',
        'line 4: "vectors" is no list of hashes and vectors\n',
      ].join(''),
    })
    expect(JSON.parse(ended.stdout)).toMatchObject({ written: 1, skipped: 0, failed: 3, vectors: 0 })
  })

  test('whoever reads an export may stop, as head does', async () => {
    const folder = await temporaryFolder()
    await fillNotes(
      folder,
      Array.from({ length: 3000 }, (_, i) => ({ namespace: ['n'], key: `k${i}`, value: { more: 'x'.repeat(500) } })),
    )
    const child = start(['export', '--db', 'notes.db'], { folder })
    const [stderr, [code]] = await Promise.all([
      text(child.stderr),
      once(child, 'exit'),
      once(child.stdout, 'data').then(() => child.stdout.destroy()),
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('documents only, where there is no index', async () => {
    const folder = await temporaryFolder()
    await fillNotes(folder)
    const plain = fileURLToPath(new URL('../programs/plain.config.ts', import.meta.url))
    await run(['export', '--db', 'notes.db', '-o', 'all.jsonl'], { folder })
    expect(await runJson(['import', 'all.jsonl', '--config', plain], { folder })).toMatchObject({ written: 6 })
    expect(await rowsOf(join(folder, 'plain.db'))).toEqual(await rowsOf(join(folder, 'notes.db')))
    expect((await run(['export', '--vectors', '--config', plain], { folder })).code).toBe(2)
  })
})

test('an export never overwrites a file: it may be the store', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'notes.db')
  await fillNotes(folder, [{ namespace: ['n'], key: 'a', value: { text: 'tea' } }])
  const { code, stderr } = await run(['export', '--db', path, '-o', path], { folder })
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('exists already: give another file') })
  expect(await rowsOf(path)).toHaveLength(1)
})
