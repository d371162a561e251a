import { StoreError } from '@tandemstore/core'
import { fail, loseAnswer } from '@tandemstore/testkit'
import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { forGood, rejection, timedOut } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'

describe.each(backendKinds)('conditional writes, $name', (kind) => {
  const rig = useRig(kind)

  test('of many ifAbsent at once, from two stores, exactly one wins', async () => {
    const stores = [(await rig.current.start()).store, (await rig.current.start()).store]
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        (stores[i % 2] as (typeof stores)[0]).put(['a'], '1', { title: `number ${i}` }, { ifAbsent: true }),
      ),
    )
    const won = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []))
    expect(won).toHaveLength(1)
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'CONFLICT', namespace: ['a'], key: '1' })
    for (const store of stores) await store.flush()
    expect((await stores[0]?.get(['a'], '1'))?.value).toEqual({ title: `number ${won[0]}` })
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('a counter that is read and written with ifVersion loses no step', async () => {
    const stores = [(await rig.current.start()).store, (await rig.current.start()).store]
    await stores[0]?.put(['a'], 'counter', { title: '0', count: 0 })
    const step = async (store: (typeof stores)[0]): Promise<void> => {
      for (;;) {
        const document = await store.get(['a'], 'counter')
        const count = (document?.value.count as number) + 1
        try {
          await store.put(['a'], 'counter', { title: String(count), count }, { ifVersion: document?.version })
          return
        } catch (error) {
          if (!StoreError.isInstance(error) || error.code !== 'CONFLICT') throw error
        }
      }
    }
    await Promise.all(Array.from({ length: 30 }, (_, i) => step(stores[i % 2] as (typeof stores)[0])))
    for (const store of stores) await store.flush()
    expect((await stores[0]?.get(['a'], 'counter'))?.value).toEqual({ title: '30', count: 30 })
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('delete with ifVersion: only that version goes', async () => {
    const { store } = await rig.current.start({ sync: 'wait' })
    const first = await store.put(['a'], '1', { title: 'red' })
    const second = await store.put(['a'], '1', { title: 'blue' })
    await rejection(store.delete(['a'], '1', { ifVersion: first.version }), 'CONFLICT')
    await rig.current.expectInTandem()
    await store.delete(['a'], '1', { ifVersion: second.version })
    await rejection(store.delete(['a'], '1', { ifVersion: second.version }), 'CONFLICT')
    await store.flush()
    expect(await rig.current.raw.points()).toEqual([])
    expect(await rig.current.raw.intents()).toEqual([])
    expect((await store.stats()).documents).toMatchObject({ put: 2, deleted: 1, conflicts: 2, failed: 0 })
  })

  test('a conflict leaves document, points and intents as they were', async () => {
    const { store } = await rig.current.start({ sync: 'wait' })
    const { version } = await store.put(['a'], '1', { title: 'red' })
    const error = await rejection(store.put(['a'], '1', { title: 'blue' }, { ifAbsent: true }), 'CONFLICT')
    expect(error.message).toContain(version)
    expect(
      (await rejection(store.put(['a'], '2', { title: 'blue' }, { ifVersion: version }), 'CONFLICT')).message,
    ).toContain('no such document')
    expect(await rig.current.raw.rows()).toMatchObject([{ key: '1', version }])
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('a condition whose answer is lost is made again and meets its own write: success', async () => {
    const { store, kv } = await rig.current.start()
    kv.on('put', loseAnswer(timedOut()))
    const { version } = await store.put(['a'], '1', { title: 'red' }, { ifAbsent: true })
    expect(await rig.current.raw.rows()).toMatchObject([{ version }])
    const written = await store.put(['a'], '1', { title: 'blue' }, { ifVersion: version })
    kv.on('put', loseAnswer(timedOut()))
    await store.put(['a'], '1', { title: 'green' }, { ifVersion: written.version })
    await store.flush()
    expect((await store.get(['a'], '1'))?.value).toEqual({ title: 'green' })
    await rig.current.expectInTandem()
  })

  test.each(['wait', 'background', 'manual'] as const)(
    'a conditional deletion whose answer is lost is a conflict when it is made again, and its points go all the same, in mode %s',
    async (sync) => {
      const { store, kv } = await rig.current.start()
      const { version } = await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
      kv.on('delete', loseAnswer(timedOut()))
      await rejection(store.delete(['a'], '1', { ifVersion: version, sync }), 'CONFLICT')
      expect(await rig.current.raw.rows()).toEqual([])
      await store.flush()
      await store.recover()
      expect(await rig.current.raw.points()).toEqual([])
      expect((await store.stats()).index).toMatchObject({ pending: 0, failed: 0 })
    },
  )

  test('a condition that failed for good without an answer: the document is what the KV says, and the index follows', async () => {
    const { store, kv } = await rig.current.start()
    kv.on('put', loseAnswer(forGood()))
    await rejection(store.put(['a'], '1', { title: 'red' }, { ifAbsent: true }), 'INDEX_FAILED')
    kv.on('put', fail(forGood()))
    await rejection(store.put(['a'], '2', { title: 'red' }, { ifAbsent: true }), 'INDEX_FAILED')
    await store.recover()
    expect((await rig.current.raw.rows()).map(({ key }) => key)).toEqual(['1'])
    await rig.current.expectInTandem()
  })

  test('a KV that cannot write on a condition: NOT_SUPPORTED, before any I/O', async () => {
    const unable = { ...rig.backend.kv, capabilities: { ...rig.backend.kv.capabilities, conditionalWrites: false } }
    const store = await rig.current.startPlain({ sync: 'wait' }, unable)
    const error = await rejection(store.put(['a'], '1', { title: 'red' }, { ifAbsent: true }), 'NOT_SUPPORTED')
    expect(error).toMatchObject({ namespace: ['a'], key: '1', retryable: false })
    await rejection(store.delete(['a'], '1', { ifVersion: '0000000000000001-aaaaaaaaaaaa' }), 'NOT_SUPPORTED')
    expect(await rig.current.raw.rows()).toEqual([])
  })
})
