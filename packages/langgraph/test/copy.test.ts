import { spawnSync } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InMemoryStore } from '@langchain/langgraph-checkpoint'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CopyPosition, copyStore } from '../src/index.js'
import { inMemory, keysOf, openStore } from './backends.js'

const namespaces = [['a'], ['a', 'b'], ['ab'], ['c', 'd', 'e']]
const items = namespaces.flatMap((namespace, n) =>
  Array.from({ length: 5 + n }, (_, i) => ({ namespace, key: `${i}`, value: { text: `item ${i} of ${namespace}` } })),
)

async function makeSource(): Promise<InMemoryStore> {
  const source = new InMemoryStore()
  await source.batch(items)
  return source
}

describe('copyStore', () => {
  it.each([1, 3, 5, 1000])('brings every item over, %i at a time', async (pageSize) => {
    const source = await makeSource()
    const { store } = await openStore(inMemory)
    const told: unknown[] = []
    const result = await copyStore(source, store, { pageSize, onProgress: (progress) => told.push(progress) })
    expect(result).toEqual({ namespaces: 4, items: items.length })
    expect(told.at(-1)).toEqual(result)
    const copied = await store.search([], { limit: 1000 })
    expect(copied.map(({ namespace, key, value }) => ({ namespace, key, value }))).toEqual(items)
    expect(keysOf(await store.search(['c'], { query: 'item 3', limit: 1 }))).toEqual(['3'])
    await store.stop()
  })

  it('goes on where it was ended', async () => {
    const source = await makeSource()
    const { store } = await openStore(inMemory)
    const positions: CopyPosition[] = []
    const ending = new AbortController()
    const first = copyStore(source, store, {
      pageSize: 2,
      signal: ending.signal,
      onPosition: (position) => {
        positions.push(position)
        if (positions.length === 5) ending.abort()
      },
    })
    await expect(first).rejects.toMatchObject({ code: 'ABORTED' })
    const written = (await store.search([], { limit: 1000 })).length
    expect(written).toBeLessThan(items.length)
    const second = await copyStore(source, store, { pageSize: 2, from: positions })
    expect(second).toEqual({ namespaces: 4, items: items.length - written })
    expect(await store.search([], { limit: 1000 })).toHaveLength(items.length)
    await store.stop()
  })

  it('notices a source without a fixed order', async () => {
    const source = await makeSource()
    const search = source.search.bind(source)
    source.search = (namespace, options = {}) =>
      search(namespace, { ...options, offset: Math.max(0, (options.offset ?? 0) - 1) })
    const { store } = await openStore(inMemory)
    await expect(copyStore(source, store, { pageSize: 2 })).rejects.toMatchObject({ code: 'CONFLICT' })
    await store.stop()
  })
})

describe('tandem-langgraph copy', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-copy-'))
    const url = (specifier: string): string => JSON.stringify(import.meta.resolve(specifier))
    await writeFile(
      join(folder, 'old.mjs'),
      `import { InMemoryStore } from ${url('@langchain/langgraph-checkpoint')}
export default async () => {
  const store = new InMemoryStore()
  await store.batch(${JSON.stringify(items)})
  return store
}`,
    )
    await writeFile(
      join(folder, 'new.mjs'),
      `import { sqlite } from ${url('@tandemstore/sqlite')}
import { TandemStore } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}
export default new TandemStore({ collection: 'copied', kv: sqlite({ path: ${JSON.stringify(join(folder, 'new.sqlite'))} }).kv })`,
    )
  })
  afterEach(() => rm(folder, { recursive: true }))

  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, '..', 'dist', 'cli.js'), ...args], {
      cwd: folder,
      encoding: 'utf8',
    })

  it('copies from module to module, and goes on from its file', async () => {
    const args = ['copy', '--from', 'old.mjs', '--to', 'new.mjs', '--state', 'copy.jsonl', '--page-size', '3']
    const first = run(...args)
    expect(first).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`${items.length} items copied, 4 namespaces done`),
    })
    const lines = (await readFile(join(folder, 'copy.jsonl'), 'utf8')).trimEnd().split('\n')
    // As if it had been killed while it noted its last position.
    await writeFile(join(folder, 'copy.jsonl'), `${lines.slice(0, 4).join('\n')}\n${lines[4]?.slice(0, 9)}`)
    expect(run(...args)).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/\b(?!0)\d+ items copied, 4 namespaces done/),
    })
    expect(run(...args)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('0 items copied, 4 namespaces done'),
    })
    await appendFile(join(folder, 'copy.jsonl'), 'something else\n')
    expect(run(...args)).toMatchObject({ status: 1, stderr: expect.stringContaining('INVALID_ARGUMENT: --state') })
  })

  it('says what is wrong with its arguments', () => {
    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('--from') })
    expect(run('copy', '--from', 'old.mjs', '--wrong')).toMatchObject({ status: 2 })
    expect(run('copy', '--from', 'old.mjs', '--to', 'none.mjs')).toMatchObject({ status: 1 })
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--state') })
  })
})
