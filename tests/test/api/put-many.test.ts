import type { PutManyDocument } from '@tandemstore/core'
import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'
import { always, gate } from '../../src/gate.ts'

function documentOf(n: number): PutManyDocument {
  return { namespace: ['a', String(n % 3)], key: String(n), value: { title: `number ${n}` } }
}

function* numbers(count: number): Generator<PutManyDocument> {
  for (let n = 0; n < count; n += 1) yield documentOf(n)
}

describe.each(backendKinds)('putMany and deleteMany, $name', (kind) => {
  const rig = useRig(kind)

  test.each(['wait', 'background', 'manual'] as const)(
    'stores what an array, a generator and an async generator give, in mode %s',
    async (sync) => {
      const { store } = await rig.current.start({ sync })
      async function* later(): AsyncGenerator<PutManyDocument> {
        for (const document of numbers(900)) if (Number(document.key) >= 600) yield document
      }
      const results = [
        await store.putMany([...numbers(300)]),
        await store.putMany(numbers(600)),
        await store.putMany(later()),
      ]
      expect(results.map(({ written, failed }) => [written, failed.length])).toEqual([
        [300, 0],
        [600, 0],
        [300, 0],
      ])
      if (sync === 'wait') await rig.current.expectInTandem()
      await store.flush()
      expect(await Promise.all(results.map(({ indexed }) => indexed))).toEqual([300, 600, 300])
      await rig.current.expectInTandem()
      expect(await rig.current.raw.points()).toHaveLength(900)
      expect(await rig.current.raw.intents()).toEqual([])
    },
  )

  test('lets others have their turn after 20 ms', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      let turns = 0
      const turnsBefore: number[] = []
      const countTurns = (): void => {
        turns += 1
        if (turnsBefore.length < 10) setImmediate(countTurns)
      }
      const schema = {
        '~standard': {
          version: 1 as const,
          vendor: 'test',
          validate: (value: unknown) => {
            vi.advanceTimersByTime(5)
            turnsBefore.push(turns)
            return { value: value as PutManyDocument['value'] }
          },
        },
      }
      const { store, kv } = await rig.current.start({ schema })
      const before = kv.callsOf('put').length
      setImmediate(countTurns)
      await store.putMany([...numbers(10)])
      expect(turnsBefore.map((count) => Math.min(count, 2))).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
      expect(
        kv
          .callsOf('put')
          .slice(before)
          .map(([writes]) => writes.length),
      ).toEqual([4, 4, 2])
    } finally {
      vi.useRealTimers()
    }
  })

  test('of nothing', async () => {
    const { store, kv } = await rig.current.start()
    const calls = kv.callsOf('put').length
    const { written, failed, indexed } = await store.putMany([])
    expect([written, failed, await indexed]).toEqual([0, [], 0])
    const deleted = await store.deleteMany([])
    expect([deleted.deleted, deleted.failed, await deleted.indexed]).toEqual([0, [], 0])
    expect(kv.callsOf('put')).toHaveLength(calls)
  })

  test('of the same document again and again ends as the last', async () => {
    const { store } = await rig.current.start()
    const documents = Array.from({ length: 200 }, (_, n) => ({
      namespace: ['a'],
      key: String(n % 3),
      value: { title: `number ${n}` },
    }))
    const { written, indexed } = await store.putMany(documents)
    expect(written).toBe(200)
    expect(await indexed).toBe(200)
    expect((await store.list([])).items.map(({ value }) => value.title)).toEqual([
      'number 198',
      'number 199',
      'number 197',
    ])
    await rig.current.expectInTandem()
  })

  test('with options of each document', async () => {
    const { store } = await rig.current.start({ sync: 'wait' })
    const { version } = await store.put(['a'], 'there', { title: 'red' })
    const { written, failed } = await store.putMany([
      { namespace: ['a'], key: 'there', value: { title: 'blue' }, ifAbsent: true },
      { namespace: ['a'], key: 'new', value: { title: 'blue' }, ifAbsent: true, ttlMs: 60_000 },
      { namespace: ['a'], key: 'there', value: { title: 'green' }, ifVersion: version },
      { namespace: ['a'], key: 'quiet', value: { title: 'blue' }, index: false },
    ])
    expect(written).toBe(3)
    expect(failed).toMatchObject([{ namespace: ['a'], key: 'there', error: { code: 'CONFLICT' } }])
    expect(
      (await store.list([])).items.map(({ key, value, expiresAt }) => [key, value.title, expiresAt !== undefined]),
    ).toEqual([
      ['new', 'blue', true],
      ['quiet', 'blue', false],
      ['there', 'green', false],
    ])
    await rig.current.expectInTandem()
  })

  test('a generator that throws: that is thrown, and what it had given is stored and indexed', async () => {
    const { store } = await rig.current.start()
    function* broken(): Generator<PutManyDocument> {
      yield* numbers(10)
      throw new Error('the file ended')
    }
    async function* brokenLater(): AsyncGenerator<PutManyDocument> {
      yield documentOf(10)
      throw new Error('the connection ended')
    }
    await expect(store.putMany(broken())).rejects.toThrow('the file ended')
    await expect(store.putMany(brokenLater())).rejects.toThrow('the connection ended')
    expect(await rig.current.raw.rows()).toHaveLength(11)
    await store.flush()
    await rig.current.expectInTandem()
  })

  test('onProgress rises to the end; one that throws is thrown after all is written', async () => {
    const { store } = await rig.current.start({ sync: 'wait' })
    const seen: { written: number; failed: number; indexed: number }[] = []
    await store.putMany([...numbers(700), { ...documentOf(1), key: '' }], {
      onProgress: (progress) => void seen.push(progress),
    })
    expect(seen.length).toBeGreaterThan(1)
    for (const name of ['written', 'failed', 'indexed'] as const) {
      const values = seen.map((progress) => progress[name])
      expect(values).toEqual([...values].sort((a, b) => a - b))
    }
    expect(seen.at(-1)).toEqual({ written: 700, failed: 1, indexed: 700 })
    const broken = store.putMany(numbers(300), {
      onProgress: () => {
        throw new Error('the bar broke')
      },
    })
    await expect(broken).rejects.toThrow('the bar broke')
    expect(await rig.current.raw.rows()).toHaveLength(700)
  })

  test('an async iterable is not read ahead of the room for pending writes', async () => {
    const { store, embedder } = await rig.current.start({ maxPending: 10 })
    const held = gate()
    embedder.on('embed', held.behaviour, always)
    let read = 0
    async function* source(): AsyncGenerator<PutManyDocument> {
      for (const document of numbers(200)) {
        read += 1
        yield document
      }
    }
    const stored = store.putMany(source())
    await vi.waitFor(async () => expect(await rig.current.raw.rows()).toHaveLength(10))
    expect((await store.stats()).index).toMatchObject({ pending: 10 })
    expect(read).toBeLessThanOrEqual(11)
    held.open()
    expect((await stored).written).toBe(200)
    expect(read).toBe(200)
    await store.flush()
    await rig.current.expectInTandem()
  })

  test('an abort ends it, closes the iterable, and leaves what was written right', async () => {
    const { store } = await rig.current.start({ maxPending: 20 })
    const aborting = new AbortController()
    let closed = false
    async function* source(): AsyncGenerator<PutManyDocument> {
      try {
        for (const document of numbers(100_000)) {
          if (document.key === '500') aborting.abort(new Error('enough'))
          yield document
        }
      } finally {
        closed = true
      }
    }
    const error = await rejection(store.putMany(source(), { signal: aborting.signal }), 'ABORTED')
    expect(error.cause).toEqual(new Error('enough'))
    expect(closed).toBe(true)
    await store.flush()
    const count = (await rig.current.raw.rows()).length
    expect(count).toBeGreaterThan(400)
    expect(count).toBeLessThanOrEqual(501)
    await rig.current.expectInTandem()
  })

  test('what could not be written is told of by name, once it was tried for good', async () => {
    const { store, kv } = await rig.current.start()
    kv.on('put', ({ args, proceed }) => {
      const [writes] = args as [{ readonly row: { readonly key: string } }[]]
      return proceed([writes.filter(({ row }) => row.key !== '3'), {}]).then((outcomes) =>
        writes.map(({ row }, i) =>
          row.key === '3'
            ? { status: 'failed', error: new Error('the disk is full'), notWritten: true }
            : (outcomes as unknown[])[i > 3 ? i - 1 : i],
        ),
      )
    })
    const { written, failed, indexed } = await store.putMany(Array.from({ length: 6 }, (_, n) => documentOf(n)))
    expect(written).toBe(5)
    expect(failed).toMatchObject([{ key: '3', error: { code: 'KV_FAILED' } }])
    expect(failed[0]?.error.message).toContain('the disk is full')
    expect(await indexed).toBe(5)
    await rig.current.expectInTandem()
    // It was surely not written, so nothing has to follow.
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('deleteMany deletes what is there, and what is not is no error', async () => {
    const { store } = await rig.current.start()
    await store.putMany(numbers(500), { sync: 'wait' })
    const refs = Array.from({ length: 600 }, (_, n) => ({ namespace: ['a', String(n % 3)], key: String(n) }))
    const { deleted, failed, indexed } = await store.deleteMany(refs)
    expect([deleted, failed]).toEqual([600, []])
    expect(await indexed).toBe(600)
    expect(await rig.current.raw.rows()).toEqual([])
    expect(await rig.current.raw.points()).toEqual([])
  })

  test('getMany keeps the order of its input', async () => {
    const { store } = await rig.current.start()
    await store.putMany(numbers(9))
    const refs = [8, 3, 99, 3, 0].map((n) => ({ namespace: ['a', String(n % 3)], key: String(n) }))
    expect((await store.getMany(refs)).map((document) => document?.key)).toEqual(['8', '3', undefined, '3', '0'])
    expect(await store.getMany([])).toEqual([])
  })
})
