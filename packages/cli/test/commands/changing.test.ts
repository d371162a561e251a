import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fakeEmbedder } from '@tandemstore/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Ended, run, runJson, temporaryFolder } from '../run.js'
import { fillNotes, openNotes } from '../stores.js'

describe('changing a store', () => {
  let folder: string
  const tandem = (...args: string[]): Promise<Ended> => run([...args, '--db', 'notes.db'], { folder })
  const json = <Result>(...args: string[]): Promise<Result> =>
    runJson<Result>([...args, '--db', 'notes.db'], { folder })
  /** Takes points away behind the store's back. */
  const damage = (): void => {
    const db = new DatabaseSync(join(folder, 'notes.db'))
    const { id } = db.prepare('SELECT id FROM vector_space').get() as { id: number }
    db.exec(`DELETE FROM space_${id}_point WHERE field = 'body'`)
    db.close()
  }

  beforeEach(async () => {
    folder = await temporaryFolder()
    await fillNotes(folder)
  })

  test('delete asks for --yes, and takes the vectors along', async () => {
    const refused = await tandem('delete', 'users/1', 'tea', 'bike')
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('2 documents') })
    expect(await json('count')).toMatchObject({ documents: 6 })
    expect(await json('delete', 'users/1', 'tea', 'none', '--yes')).toMatchObject({ deleted: 1 })
    expect(await json('delete', '--namespace', 'users', '--yes')).toMatchObject({ deleted: 4 })
    expect(await json('stats')).toMatchObject({ documents: 1, spaces: [{ points: 1 }] })
    expect((await tandem('delete', '--namespace', '/', '--yes')).code).toBe(2)
    expect((await tandem('delete', '--yes')).code).toBe(2)
    expect((await tandem('delete', 'users/1', '--yes')).code).toBe(2)
  })

  test('verify ends with 3 where there is drift, and --repair mends it', async () => {
    damage()
    const found = await tandem('verify', '--json')
    expect(found.code).toBe(3)
    expect(JSON.parse(found.stdout)).toMatchObject({ missing: 4, left: 4 })
    expect(await json('verify', '--repair')).toMatchObject({ missing: 4, repaired: 4, left: 0 })
    expect((await tandem('verify')).code).toBe(0)
  })

  test('recover does what was written without a model', async () => {
    const store = await openNotes(folder, { vectors: undefined, embedder: undefined, leaseMs: 100 })
    await store.put(['users', '2'], 'later', { title: 'Written without a model' })
    await store.close()
    expect((await tandem('search', 'written without')).stdout).not.toContain('later')
    const waiting = await json<{ waiting: number }>('stats')
    expect(waiting.waiting).toBe(1)
    expect((await tandem('recover')).code).toBe(0)
    expect(await json('stats')).toMatchObject({ waiting: 0 })
    expect((await tandem('search', 'written without')).stdout).toContain('later')
  })

  test('of two spaces one has to be named or be complete, and the other can be dropped', async () => {
    const other = await openNotes(folder, { embedder: fakeEmbedder(), leaseMs: 100 })
    await other.verify({ repair: true })
    await other.close()
    const spaces = await json<{ name: string; model: { provider: string } }[]>('spaces')
    const [own, made] = spaces.map(({ name }) => name) as [string, string]
    expect(spaces).toHaveLength(2)
    expect(await tandem('search', 'tea')).toMatchObject({ code: 2, stderr: expect.stringContaining('--space') })
    expect((await tandem('search', 'tea', '--space', own)).stdout).toContain('Green tea')
    expect(await tandem('search', 'tea', '--space', made)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--config'),
    })
    expect((await tandem('drop-space', made)).code).toBe(2)
    expect(await json('drop-space', made, '--yes')).toMatchObject({ dropped: made })
    expect((await json<unknown[]>('spaces')).length).toBe(1)
    expect((await tandem('drop-space', own, '--yes')).code).toBe(2)
    expect((await tandem('search', 'tea')).stdout).toContain('Green tea')
  })

  test('backup makes a file that can be searched, and overwrites none', async () => {
    expect(await json('backup', 'copy.db')).toMatchObject({ file: 'copy.db', bytes: expect.any(Number) })
    expect((await run(['search', 'tea', '--db', 'copy.db'], { folder })).stdout).toContain('Green tea')
    expect(await tandem('backup', 'copy.db')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('exists already'),
    })
  })
})
