import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'
import type { Raw } from '../../src/raw.ts'

/** Cuts the end off a stored value, or stores another text in its place. */
async function damage(raw: Raw, key: string, text?: string): Promise<void> {
  const row = (await raw.rows()).find((each) => each.key === key)
  if (row === undefined) throw new Error(`There is no row ${key}`)
  const [outcome] = await raw.kv.put([{ row: { ...row, value: text ?? row.value.slice(0, -2) } }])
  expect(outcome?.status).toBe('written')
}

describe.each(backendKinds)('damaged rows, $name', (kind) => {
  const clock = useFakeDate()
  const rig = useRig(kind, { sync: 'wait' })

  async function withDamage(text?: string) {
    const { store } = await rig.current.start()
    for (const key of ['1', '2', '3', '4']) await store.put(['a'], key, { title: `secret ${key}`, lang: 'en' })
    await damage(rig.current.raw, '2', text)
    const damaged = vi.fn()
    store.on('damaged', damaged)
    return { store, damaged }
  }

  test.each([
    ['cut off', undefined],
    ['null', 'null'],
    ['a list', '[1]'],
    ['empty', ''],
  ])('a value that is %s: reads go on past it and tell of it', async (_, text) => {
    const { store, damaged } = await withDamage(text)
    const left = ['1', '3', '4']
    const ref = { namespace: ['a'], key: '2' }
    const keys = (items: readonly { readonly key: string }[]) => items.map(({ key }) => key).sort()

    expect(keys((await store.list(['a'])).items)).toEqual(left)
    expect(damaged.mock.calls).toEqual([[ref]])
    const pages = await store.list(['a'], { limit: 2 })
    expect(keys(pages.items)).toEqual(['1', '3'])
    expect(keys((await store.list(['a'], { limit: 2, cursor: pages.cursor })).items)).toEqual(['4'])
    expect(await store.count(['a'])).toBe(3)
    expect(await store.count(['a'], { filter: { lang: 'en' } })).toBe(3)
    const hits = await store.search(['a'], { query: 'secret 2', limit: 3 })
    expect(keys(hits.map(({ document }) => document))).toEqual(left)
    expect(keys((await store.search(['a'], { filter: { lang: 'en' } })).map(({ document }) => document))).toEqual(left)
    const appended = await store.search(['a'], { query: 'secret', unscored: 'append' })
    expect(keys(appended.map(({ document }) => document))).toEqual(left)
    for (const [told] of damaged.mock.calls) expect(told).toEqual(ref)
  })

  test('get names the document and quotes nothing of it', async () => {
    const { store } = await withDamage()
    const error = await rejection(store.get(['a'], '2'), 'KV_FAILED')
    expect(error).toMatchObject({ namespace: ['a'], key: '2', retryable: false })
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('secret')
    expect(error.cause).toBeUndefined()
  })

  test('verify counts them, leaves their points, and tells of each once', async () => {
    const { store, damaged } = await withDamage()
    await store.put(['a'], '5', { title: 'secret 5' }, { index: false })
    await damage(rig.current.raw, '5')
    const clean = { checked: 5, missing: 0, stale: 0, orphaned: 0, repaired: 0 }
    expect(await store.verify()).toEqual({ ...clean, damaged: 2 })
    expect(damaged.mock.calls).toEqual(['2', '5'].map((key) => [{ namespace: ['a'], key }]))
    expect(await store.verify({ repair: true })).toEqual({ ...clean, damaged: 2 })
    expect(await rig.current.raw.points()).toHaveLength(4)
    await store.put(['a'], '2', { title: 'whole again' })
    await store.delete(['a'], '5')
    expect(await store.verify()).toEqual({ ...clean, checked: 4 })
    await rig.current.expectInTandem()
  })

  test('where nobody listens, the first one is said as a warning', async () => {
    const { store } = await rig.current.start()
    for (const key of ['1', '2']) await store.put(['a'], key, { title: `secret ${key}` })
    for (const key of ['1', '2']) await damage(rig.current.raw, key)
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await store.list(['a'])
    await store.list(['a'])
    const calls = [...warn.mock.calls] as unknown[][]
    warn.mockRestore()
    expect(calls).toEqual([
      [
        expect.stringContaining('damaged'),
        { type: 'TandemWarning', code: 'damaged', detail: expect.stringContaining('namespace ["a"], key "1"') },
      ],
    ])
  })

  test('recovery fails the damaged document for good, and only that one', async () => {
    const { store: first } = await rig.current.start()
    await first.close()
    const plain = await rig.current.startPlain()
    for (const key of ['1', '2', '3']) await plain.put(['a'], key, { title: `secret ${key}` })
    await plain.close()
    await damage(rig.current.raw, '2')
    clock.pass(11_000)
    const { store } = await rig.current.start({ sync: 'manual' })
    const failed = vi.fn()
    store.on('indexFailed', failed)
    expect(await store.recover()).toMatchObject({ projected: 2, failed: 1 })
    expect(failed).toHaveBeenCalledOnce()
    const { key, error } = failed.mock.calls[0]?.[0] ?? {}
    expect(key).toBe('2')
    expect(error).toMatchObject({ code: 'INDEX_FAILED', namespace: ['a'], key: '2' })
    expect(`${error.stack} ${JSON.stringify(await rig.current.raw.intents())}`).not.toContain('secret')
    expect((await store.health()).blocked).toBeUndefined()
  })
})
