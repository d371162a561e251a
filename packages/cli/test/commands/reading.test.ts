import { beforeEach, describe, expect, test } from 'vitest'
import { type Ended, run, runJson, temporaryFolder } from '../run.js'
import { fillNotes } from '../stores.js'

describe('looking at a store', () => {
  let folder: string
  const tandem = (...args: string[]): Promise<Ended> => run([...args, '--db', 'notes.db'], { folder })
  const json = <Result>(...args: string[]): Promise<Result> =>
    runJson<Result>([...args, '--db', 'notes.db'], { folder })
  interface Listed {
    namespaces?: string[][]
    documents: { namespace: string[]; key: string }[]
    cursor?: string
    more: boolean
  }

  beforeEach(async () => {
    folder = await temporaryFolder()
    await fillNotes(folder)
  })

  test('ls shows namespaces and documents directly under a prefix, label by label', async () => {
    const keysOf = ({ documents }: Listed) => documents.map(({ key }) => key)
    expect(await json<Listed>('ls')).toMatchObject({ namespaces: [['a/b'], ['users']], documents: [], more: false })
    const users = await json<Listed>('ls', 'users')
    expect(users).toMatchObject({
      namespaces: [
        ['users', '1'],
        ['users', '10'],
      ],
      documents: [],
    })
    const one = await json<Listed>('ls', 'users/1')
    expect(one.namespaces).toEqual([['users', '1', 'old']])
    expect(keysOf(one)).toEqual(['bike', 'hidden', 'tea'])
    const named = await json<Listed>('ls', '["a/b"]')
    expect(keysOf(named)).toEqual(['k'])
    const { stdout } = await tandem('ls')
    expect(stdout).toContain('["a/b"]/')
  })

  test('ls -r goes on where it ended, and filters', async () => {
    const first = await json<Listed>('ls', '-r', '--limit', '4')
    expect(first.more).toBe(true)
    const rest = await json<Listed>('ls', '-r', '--cursor', first.cursor as string)
    expect([...first.documents, ...rest.documents].map(({ key }) => key)).toEqual([
      'k',
      'bike',
      'hidden',
      'tea',
      'tee',
      'tea',
    ])
    expect(rest.more).toBe(false)
    const german = await json<Listed>('ls', '-r', '--filter', '{"lang":"de"}')
    expect(german.documents.map(({ key }) => key)).toEqual(['tee'])
    const cut = await tandem('ls', 'users/1', '--limit', '2')
    expect(cut.stderr).toContain('There is more')
  })

  test('get gives the document, with --parts what it is found by; 3 where there is none', async () => {
    const document = await json('get', 'users/1', 'tea', '--parts')
    expect(document).toMatchObject({
      key: 'tea',
      value: { lang: 'en' },
      parts: [
        { field: 'title', text: 'Green tea', state: 'current' },
        { field: 'body', text: 'Steep it for two minutes', state: 'current' },
      ],
    })
    const { code, stdout } = await tandem('get', 'users/1', 'tea')
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('"lang": "en"') })
    expect(await tandem('get', 'users/1', 'none')).toMatchObject({ code: 3, stdout: '' })
  })

  test('search finds by meaning, under a prefix, by a filter', async () => {
    type Hits = { document: { namespace: string[]; key: string }; score: number }[]
    const hits = await json<Hits>('search', 'how long does tea brew')
    expect(hits[0]?.document.key).toBe('tea')
    const one = await json<Hits>('search', 'tea', 'users/1')
    expect(one.map(({ document }) => document.namespace[1])).not.toContain('10')
    const german = await json<Hits>('search', 'tea', '--filter', '{"lang":"de"}')
    expect(german.map(({ document }) => document.key)).toEqual(['tee'])
    const limited = await json<Hits>('search', 'tea', '--limit', '1', '--min-score', '0.3')
    expect(limited).toHaveLength(1)
    const { stdout, stderr, code } = await tandem('search', 'tea', 'nowhere')
    expect({ stdout, stderr, code }).toEqual({ stdout: '', stderr: 'Nothing found.\n', code: 0 })
  })

  test('count, also by dates, which only the record of the space knows to be such', async () => {
    expect(await json('count')).toEqual({ prefix: [], documents: 6 })
    expect((await tandem('count', 'users/1')).stdout).toBe('4\n')
    expect((await tandem('count', '--filter', '{"at":{"$gte":"2024-01-01T00:00:00Z"}}')).stdout).toBe('0\n')
  })

  test('stats, health, spaces and verify say how it is', async () => {
    const stats = await json<{ documents: number; notIndexed: number; spaces: { points: number }[] }>('stats')
    expect(stats).toMatchObject({ documents: 6, namespaces: 4, notIndexed: 1, waiting: 0, failed: [] })
    expect(stats.spaces).toMatchObject([{ points: 9, complete: true, index: { fields: ['title', 'body'] } }])
    expect(await json('health')).toMatchObject({ ok: true, kv: { ok: true }, vectors: { ok: true }, failed: 0 })
    expect(await json('verify')).toMatchObject({ checked: 6, missing: 0, stale: 0, orphaned: 0, left: 0 })
    for (const command of ['stats', 'health', 'spaces', 'verify']) {
      const { code, stderr, stdout } = await tandem(command)
      expect({ code, stderr }, command).toEqual({ code: 0, stderr: '' })
      expect(stdout).not.toContain('\u001b')
    }
  })

  test('what a value holds does not reach the terminal as a command to it', async () => {
    await fillNotes(folder, [{ namespace: ['evil'], key: 'k\u001b[2J', value: { title: 'tea \u001b[31m\u009b' } }])
    for (const args of [
      ['ls', 'evil'],
      ['search', 'tea', 'evil'],
      ['get', 'evil', 'k\u001b[2J'],
    ]) {
      const { stdout } = await tandem(...args)
      for (const control of ['\u001b', '\u009b']) expect(stdout).not.toContain(control)
    }
  })
})
