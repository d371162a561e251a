import { mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sqlite } from '@tandemstore/sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { toFilePath } from '../src/file-path.js'
import { rowOf, temporaryFile } from './support.js'

const ref = { namespace: ['a'], key: 'k' }

test('a path, a file: URL and the relative form of other libraries name the file that they say', () => {
  for (const [path, file] of [
    ['notes.db', resolve('notes.db')],
    ['a:b/notes.db', resolve('a:b/notes.db')],
    ['file:notes.db', resolve('notes.db')],
    ['file:./my%20notes.db', resolve('my notes.db')],
    ['file:///data/my%20notes.db', '/data/my notes.db'],
    ['FILE:/data/notes.db', '/data/notes.db'],
    [pathToFileURL('/data/my notes?.db'), '/data/my notes?.db'],
    [':memory:', ':memory:'],
  ] as const) {
    expect(toFilePath(path)).toBe(file)
  }
})

test('what would become an odd file name is refused, with the right form', () => {
  for (const [path, advice] of [
    [':memory:?cache=shared', 'path: expected :memory: without parameters'],
    ['file::memory:', 'path: expected :memory:, not'],
    ['file:notes.db?mode=ro', 'path: expected a file: URL without parameters'],
    ['file://host/notes.db', 'path: expected a file: URL of a file on this machine'],
    ['sqlite:notes.db', 'path: expected a file name such as "notes.db"'],
    ['sqlite://data/notes.db', 'path: expected a file name such as "data/notes.db"'],
    ['libsql://example.com', 'not a libsql: address'],
    [new URL('https://example.com/notes.db'), 'path: expected a file: URL'],
    [42, 'path: expected a file name'],
  ] as const) {
    expect(() => sqlite({ path: path as string }), String(path)).toThrow(advice)
  }
})

test('a file: URL opens the file', async () => {
  const path = await temporaryFile('my notes.db')
  const collection = await sqlite({ path: pathToFileURL(path) }).kv.open('notes')
  await collection.close()
  expect(await readdir(dirname(path))).toEqual(['my notes.db'])
})

test.skipIf(process.platform === 'win32')(
  'new files are readable by their owner only, WAL and index included',
  async () => {
    const directory = await realpath(await mkdtemp(join(tmpdir(), 'tandem-modes-')))
    onTestFinished(() => rm(directory, { recursive: true }))
    const collection = await sqlite({ path: join(directory, 'notes.db') }).kv.open('notes')
    await collection.put([{ row: rowOf(ref, 1) }])
    const names = (await readdir(directory)).sort()
    expect(names).toEqual(['notes.db', 'notes.db-shm', 'notes.db-wal'])
    for (const name of names) expect((await stat(join(directory, name))).mode & 0o777, name).toBe(0o600)
    await collection.close()
  },
)
