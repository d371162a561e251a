import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from '@tandemstore/core'
import { sqlite } from '@tandemstore/sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { IngestReport } from '../../src/result.js'
import { runCommand } from '../command.js'
import { embedder } from '../embedder.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const small = ['ingest', '--sizes', '20,5', '--baseline', '10', '--searches', '4']

it('prints a table and a conclusion, and writes a report without keys as JSON and as a page', async () => {
  const files = ['--json', join(folder, 'out', 'report.json'), '--html', join(folder, 'out', 'report.html')]
  const { code, stdout, stderr } = await runCommand([...small, '--store', 'sqlite', ...files], {
    folder,
    env: { TANDEM_QDRANT_API_KEY: 'not-to-be-told' },
  })
  expect(code, stderr).toBe(0)
  for (const text of ['5, cold', '20, warm', '10, one-by-one', 'documents/s', 'search p95 (ms)'])
    expect(stdout).toContain(text)
  const json = await readFile(join(folder, 'out', 'report.json'), 'utf8')
  const report = JSON.parse(json) as IngestReport
  expect(report).toMatchObject({ command: 'ingest', store: 'sqlite', embedder: 'slow', sync: 'background', seed: 42 })
  expect(report.configuration).toMatchObject({ sizes: [20, 5], corpus: 'synthetic' })
  expect(report.versions).toMatchObject({ sqlite: expect.any(String), '@tandemstore/core': expect.any(String) })
  expect(stdout).toContain(report.conclusion)
  expect(json).not.toContain('not-to-be-told')
  expect(await readFile(join(folder, 'out', 'report.html'), 'utf8')).toContain('<!doctype html>')
  expect(await readdir(folder)).toEqual(['out'])
})

it('ends with 3 where searches are too slow, with 0 where they are not', async () => {
  const slow = await runCommand([...small, '--max-p95', '0.001'], { folder })
  expect(slow).toMatchObject({ code: 3, stderr: expect.stringContaining('above --max-p95 0.001') })
  expect(await runCommand([...small, '--max-p95', '60000'], { folder })).toMatchObject({ code: 0 })
})

it('ends with 2 for a wrong flag and for a database that is not its own, which it leaves alone', async () => {
  for (const wrong of [
    ['--sizes', '0'],
    ['--sizes', '1,x'],
    ['--sync', 'never'],
    ['--embedder', 'a', '-e', 'b'],
  ])
    expect(await runCommand(['ingest', ...wrong], { folder })).toMatchObject({ code: 2, stdout: '' })
  const path = join(folder, 'theirs.db')
  {
    await using theirs = await createStore({ collection: 'tandem_bench', ...sqlite({ path }), embedder })
    await theirs.put(['a'], 'k', { text: 'precious' }, { sync: 'wait' })
  }
  const { code, stderr } = await runCommand([...small, '--store', 'sqlite', '--path', path], { folder })
  expect(code).toBe(2)
  expect(stderr).toContain(`${path} was not made by tandem-bench`)
  await using theirs = await createStore({ collection: 'tandem_bench', ...sqlite({ path }), embedder })
  expect(await theirs.get(['a'], 'k')).toBeDefined()
  expect(await theirs.verify()).toMatchObject({ checked: 1, missing: 0, orphaned: 0 })
})

it('stores the documents of a corpus, as many as there are', async () => {
  const corpus = join(folder, 'corpus.jsonl')
  const lines = Array.from({ length: 8 }, (_, i) =>
    JSON.stringify({
      body: `This first sentence is what note ${i} is about. Then it goes on for a while, as notes do.`,
    }),
  )
  await writeFile(corpus, `${lines.join('\n')}\n`)
  const { code, stdout, stderr } = await runCommand(
    [...small, '--corpus', corpus, '--text-field', 'body', '--json', join(folder, 'report.json')],
    { folder },
  )
  expect(code, stderr).toBe(0)
  expect(stdout).toContain('8 documents, which are taken instead of 20')
  const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as IngestReport
  expect(report.runs.map(({ kind, documents }) => `${documents} ${kind}`)).toEqual([
    '5 cold', '5 warm', '5 one-by-one', '8 cold', '8 warm', '8 one-by-one',
  ]) // biome-ignore format: a list
})

it('stores a corpus in the layout of BEIR without its judgements', async () => {
  const corpus = join(folder, 'corpus')
  await mkdir(corpus)
  const lines = (of: (i: number) => object) =>
    Array.from({ length: 8 }, (_, i) => `${JSON.stringify(of(i))}\n`).join('')
  await writeFile(
    join(corpus, 'corpus.jsonl'),
    lines((i) => ({ _id: `d${i}`, title: 'A note', text: `about ${i}` })),
  )
  await writeFile(
    join(corpus, 'queries.jsonl'),
    lines((i) => ({ _id: `q${i}`, text: `what of ${i}?` })),
  )
  const { code, stdout, stderr } = await runCommand([...small, '--corpus', corpus], { folder })
  expect(code, stderr).toBe(0)
  expect(stdout).toContain('corpus has 8 documents, which are taken instead of 20')
})
