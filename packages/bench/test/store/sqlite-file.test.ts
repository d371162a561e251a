import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createStore, StoreError } from '@tandemstore/core'
import { sqlite } from '@tandemstore/sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openBenchStore } from '../../src/store/open-store.js'
import { embedder } from '../embedder.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = (path?: string) => openBenchStore({ kind: 'sqlite', collection: 'bench', embedder, path })
const benchFolders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('tandem-bench-')).sort()

/** Makes the mark in a file name a process that has ended, or one of another machine, of which that is not known. */
function endRun(path: string, host = hostname()): void {
  const handle = new DatabaseSync(path)
  // The highest process id that Linux can give is 2^22.
  const mark = JSON.stringify({ run: 'another', host, pid: 2 ** 22 + 1 })
  handle.prepare('UPDATE tandem_bench_run SET mark = ?').run(mark)
  handle.close()
}

it('stores, finds, and leaves no file behind, neither with a path nor without', async () => {
  const before = await benchFolders()
  for (const path of [undefined, join(folder, 'own.db')]) {
    const { store, versions, remove } = await open(path)
    await store.put(['a'], 'k', { text: 'tea' }, { sync: 'wait' })
    expect(await store.search(['a'], { query: 'tea' })).toMatchObject([{ document: { key: 'k' } }])
    expect(versions).toEqual({ sqlite: expect.stringMatching(/^3\./) })
    await remove()
    await remove()
    await expect(store.get(['a'], 'k')).rejects.toMatchObject({ code: 'CLOSED' })
  }
  expect(await readdir(folder)).toEqual([])
  expect(await benchFolders()).toEqual(before)
})

it('refuses a store that somebody else keeps documents in, and leaves it as it is', async () => {
  const path = join(folder, 'theirs.db')
  {
    await using theirs = await createStore({ collection: 'bench', ...sqlite({ path }), embedder })
    await theirs.put(['a'], 'k', { text: 'precious' }, { sync: 'wait' })
  }
  const [files, bytes] = [await readdir(folder), await readFile(path)]
  await expect(open(path)).rejects.toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining(path) })
  expect(await readdir(folder)).toEqual(files)
  expect(bytes.equals(await readFile(path))).toBe(true)
})

it('refuses what is no database at all, also where only a write-ahead log is there', async () => {
  const letter = join(folder, 'letter.txt')
  await writeFile(letter, 'Dear all')
  await writeFile(join(folder, 'x.db-wal'), 'left by a crash')
  for (const path of [letter, join(folder, 'x.db')]) {
    const error = await open(path).catch((each: unknown) => each)
    expect(StoreError.isInstance(error) && error.code).toBe('CONFIGURATION')
  }
  expect(await readFile(letter, 'utf8')).toBe('Dear all')
  expect((await readdir(folder)).sort()).toEqual(['letter.txt', 'x.db-wal'])
})

it('refuses a file that another run uses, and clears up after one that was killed', async () => {
  const path = join(folder, 'own.db')
  const first = await open(path)
  await first.store.put(['a'], 'k', { text: 'tea' }, { sync: 'wait' })
  await expect(open(path)).rejects.toMatchObject({ code: 'CONFIGURATION', message: /process \d+/ })
  expect(await first.store.get(['a'], 'k')).toBeDefined()
  await first.store.close()
  endRun(path)
  const second = await open(path)
  expect(await second.store.get(['a'], 'k')).toBeUndefined()
  await second.remove()
  expect(await readdir(folder)).toEqual([])
})

it('refuses a file of a run on another machine, which may use it still', async () => {
  const path = join(folder, 'own.db')
  const first = await open(path)
  await first.store.put(['a'], 'k', { text: 'tea' }, { sync: 'wait' })
  await first.store.close()
  endRun(path, 'elsewhere')
  await expect(open(path)).rejects.toMatchObject({
    code: 'CONFIGURATION',
    message: expect.stringMatching(/on elsewhere .* uses .*own\.db.* delete .*own\.db if it has ended/),
  })
  expect(await readdir(folder)).toContain('own.db')
})

it('takes an empty file', async () => {
  const path = join(folder, 'empty.db')
  await writeFile(path, '')
  await (await open(path)).remove()
  expect(await readdir(folder)).toEqual([])
})

it('deletes temporary folders of runs that were killed, and no others', async () => {
  const make = async (mark: string | undefined): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), 'tandem-bench-'))
    if (mark !== undefined) await writeFile(join(made, 'tandem-bench-run.json'), mark)
    return made
  }
  const killed = await make(JSON.stringify({ run: 'a', host: hostname(), pid: 2 ** 22 + 1 }))
  const others = [
    await make(JSON.stringify({ run: 'b', host: hostname(), pid: process.ppid })),
    await make(JSON.stringify({ run: 'c', host: 'elsewhere', pid: 1 })),
    await make('{'),
    await make(undefined),
  ]
  try {
    await (await open()).remove()
    const left = (await benchFolders()).map((name) => join(tmpdir(), name))
    expect(left).not.toContain(killed)
    expect(left).toEqual(expect.arrayContaining(others))
  } finally {
    for (const each of [killed, ...others]) await rm(each, { recursive: true, force: true })
  }
})

it('deletes what it made when the store cannot be opened', async () => {
  const path = join(folder, 'own.db')
  const options = { kind: 'sqlite', collection: 'bench', embedder, path, index: { fields: ['not a path['] } } as const
  await expect(openBenchStore(options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  expect(await readdir(folder)).toEqual([])
})
