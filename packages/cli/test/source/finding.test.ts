import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createStore } from '@tandemstore/core'
import { sqlite } from '@tandemstore/sqlite'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Ended, run, temporaryFolder } from '../run.js'
import { fillNotes } from '../stores.js'

describe('finding the store', () => {
  let folder: string
  const tandem = (...args: string[]): Promise<Ended> => run(args, { folder })

  beforeEach(async () => {
    folder = await temporaryFolder()
    await fillNotes(folder)
  })

  test('by TANDEM_DB, and by a tandem.config.ts in the folder, types and all', async () => {
    expect(await run(['count'], { folder, env: { TANDEM_DB: 'notes.db' } })).toMatchObject({ code: 0, stdout: '6\n' })
    await writeFile(
      join(folder, 'tandem.config.ts'),
      `const collection: string = 'notes'
      const kv: { open(): Promise<never> } = { open() { throw new Error('The kv of the configuration') } }
      export default { collection, kv: { ...kv, capabilities: { deletionMemoryMs: 1e9 }, limits: {}, name: 'test' } }`,
    )
    expect(await tandem('count')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The kv of the configuration'),
    })
  })

  test('nothing, several, or what is none are refused in a sentence, with 2', async () => {
    await writeFile(join(folder, 'text.db'), 'no database')
    await writeFile(join(folder, 'empty.config.ts'), 'export const other = 1')
    await writeFile(join(folder, 'throws.config.ts'), "throw new Error('Not today')")
    const cases: [args: string[], sentence: string][] = [
      [[], 'Say where the store is'],
      [['--db', 'notes.db', '--config', 'x.ts'], 'Give one of'],
      [['--db', 'none.db'], 'none.db: there is no such file'],
      [['--db', 'text.db'], 'text.db'],
      [['--db', 'notes.db', '--collection', 'cards'], 'no collection cards, only notes'],
      [['--config', 'none.ts'], 'none.ts: there is no such file'],
      [['--config', 'empty.config.ts'], 'expected the options of createStore'],
      [['--config', 'throws.config.ts'], 'Not today'],
      [['--qdrant-url', 'http://127.0.0.1:1'], 'beside --qdrant-url'],
      [['--scylla', '127.0.0.1:1'], '--keyspace'],
      [['--scylla', '127.0.0.1:1', '--keyspace', 'k'], '--collection'],
    ]
    for (const [args, sentence] of cases) {
      const { code, stdout, stderr } = await tandem('count', ...args)
      expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }, stderr).toEqual({
        code: 2,
        stdout: '',
        lines: 1,
      })
      expect(stderr).toContain(sentence)
    }
    const { stderr } = await tandem('count', '--db', 'none.db', '--json')
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'CONFIGURATION' } })
  })

  test('a file with several collections needs the name of one', async () => {
    const other = await createStore({ collection: 'cards', kv: sqlite({ path: join(folder, 'notes.db') }).kv })
    await other.put(['a'], 'k', { n: 1 })
    await other.close()
    expect(await tandem('count', '--db', 'notes.db')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cards, notes'),
    })
    expect((await tandem('count', '--db', 'notes.db', '--collection', 'cards')).stdout).toBe('1\n')
    expect(await tandem('search', 'x', '--db', 'notes.db', '--collection', 'cards')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has no vectors'),
    })
    expect((await tandem('delete', 'a', 'k', '--yes', '--db', 'notes.db', '--collection', 'cards')).code).toBe(0)
  })

  test('a database that does not answer ends with 1', async () => {
    const { code, stderr } = await tandem('count', '--scylla', '127.0.0.1:1', '--keyspace', 'k', '--collection', 'c')
    expect(stderr).toMatch(/^(UNAVAILABLE|TIMEOUT): /)
    expect(code).toBe(1)
  })

  test('a wrong flag or command ends with 2, help with 0', async () => {
    expect((await tandem('count', '--nope')).code).toBe(2)
    expect((await tandem('nope')).code).toBe(2)
    expect((await tandem('ls', '--db', 'notes.db', '--limit', '0')).code).toBe(2)
    expect((await tandem('count', '--db', 'notes.db', '--filter', '[]')).code).toBe(2)
    expect((await tandem('count', '--db', 'notes.db', '--filter', '{"a":{"$near":1}}')).code).toBe(2)
    expect((await tandem('--help')).code).toBe(0)
    expect((await tandem('import', '--help')).stdout).toContain('Where the store is:')
  })

  test('colours only where they are wanted', async () => {
    const args = ['get', 'users/1', 'tea', '--db', 'notes.db']
    const coloured = await run(args, { folder, env: { FORCE_COLOR: '1', NO_COLOR: undefined } })
    expect(coloured.stdout).toContain('\u001b[1m')
    for (const env of [{}, { NO_COLOR: '1' }]) expect((await run(args, { folder, env })).stdout).not.toContain('\u001b')
  })

  test('a copy of a file, taken with its log, is the same store', async () => {
    await copyFile(join(folder, 'notes.db'), join(folder, 'copy.db'))
    expect((await tandem('count', '--db', 'copy.db')).stdout).toBe('6\n')
  })
})
