import { setImmediate as turn } from 'node:timers/promises'
import type { Store } from '@tandemstore/core'
import { fail, fakeEmbedder } from '@tandemstore/testkit'
import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { forGood, timedOut } from '../../src/errors.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'
import type { Process } from '../../src/rig.ts'

describe.each(backendKinds)('crashes, $name', (kind) => {
  const clock = useFakeDate()
  const rig = useRig(kind)

  /** The process dies, its lease runs out, and another one recovers. */
  async function recoverAfter(process: Process): Promise<Store> {
    process.crash()
    clock.pass(11_000)
    const { store } = await rig.current.start({ settleMs: 5000 })
    await store.recover()
    await store.flush()
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
    expect(await store.verify()).toMatchObject({ missing: 0, stale: 0, orphaned: 0 })
    return store
  }

  /** Begins something, and waits until it comes to a call, which is never carried out. */
  async function until(reached: Promise<unknown>, begun: Promise<unknown>): Promise<void> {
    begun.catch(() => {})
    await reached
  }

  test('between the intent and the document', async () => {
    const process = await rig.current.start()
    await until(process.kv.hold('put').reached, process.store.put(['a'], '1', { title: 'red' }))
    const store = await recoverAfter(process)
    expect(await store.get(['a'], '1')).toBeUndefined()
    expect(await rig.current.raw.points()).toEqual([])
  })

  test('between the document and the points', async () => {
    const process = await rig.current.start()
    const upsert = process.vectors.hold('replace')
    await until(upsert.reached, process.store.put(['a'], '1', { title: 'red' }))
    const store = await recoverAfter(process)
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(1)
  })

  test('while embedding', async () => {
    const process = await rig.current.start()
    await until(process.embedder.hold('embed').reached, process.store.put(['a'], '1', { title: 'red' }))
    const store = await recoverAfter(process)
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(1)
  })

  test('between the points and the removal of the intent', async () => {
    const process = await rig.current.start()
    const removal = process.kv.hold('removeIntents')
    await until(removal.reached, process.store.put(['a'], '1', { title: 'red' }))
    expect(await rig.current.raw.intents()).toHaveLength(1)
    await recoverAfter(process)
    expect(await rig.current.raw.points()).toHaveLength(1)
  })

  test('between the deletion of a document and that of its points', async () => {
    const process = await rig.current.start()
    await process.store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    const upsert = process.vectors.hold('replace')
    await until(upsert.reached, process.store.delete(['a'], '1'))
    const store = await recoverAfter(process)
    expect(await rig.current.raw.points()).toEqual([])
    expect(await store.search(['a'], { query: 'red' })).toEqual([])
  })

  test('before flush() in mode manual', async () => {
    const process = await rig.current.start({ sync: 'manual' })
    await process.store.putMany(
      [1, 2, 3].map((n) => ({ namespace: ['a'], key: String(n), value: { title: `number ${n}` } })),
    )
    expect(process.embedder.callsOf('embed')).toEqual([])
    await recoverAfter(process)
    expect(await rig.current.raw.points()).toHaveLength(3)
  })

  test.each(['addIntents', 'deletePrefix', 'removeIntents'] as const)(
    'of deleteNamespace before %s of the KV: all of it is deleted, or nothing',
    async (method) => {
      const process = await rig.current.start()
      for (const key of ['1', '2', '3']) await process.store.put(['a', key], key, { title: 'red' }, { sync: 'wait' })
      await process.store.put(['ab'], '1', { title: 'red' }, { sync: 'wait' })
      await until(process.kv.hold(method).reached, process.store.deleteNamespace(['a']))
      const store = await recoverAfter(process)
      const left = (await store.list([])).items.map(({ namespace }) => namespace)
      // Once the intent is there, the deletion is going to happen.
      expect(left).toEqual(method === 'addIntents' ? [['a', '1'], ['a', '2'], ['a', '3'], ['ab']] : [['ab']])
      expect(await rig.current.raw.points()).toHaveLength(left.length)
    },
  )

  test('of deleteNamespace between the KV and the index, and a put after it in another process', async () => {
    const process = await rig.current.start()
    for (const key of ['1', '2']) await process.store.put(['a'], key, { title: 'red' }, { sync: 'wait' })
    await until(process.vectors.hold('deletePrefix').reached, process.store.deleteNamespace(['a'], {}))
    const other = await rig.current.start()
    await other.store.put(['a'], '2', { title: 'blue' }, { sync: 'wait' })
    const store = await recoverAfter(process)
    expect((await store.search(['a'], { query: 'blue' })).map(({ document }) => document.value)).toEqual([
      { title: 'blue' },
    ])
    expect(await rig.current.raw.points()).toHaveLength(1)
  })

  test('with index: false: what was indexed before loses its points, and what is new gets none', async () => {
    const process = await rig.current.start()
    await process.store.put(['a'], 'was indexed', { title: 'red' }, { sync: 'wait' })
    const upsert = process.vectors.hold('replace')
    const both = ['was indexed', 'is new'].map((key) =>
      process.store.put(['a'], key, { title: 'blue' }, { index: false }),
    )
    await until(upsert.reached, Promise.all(both))
    const store = await recoverAfter(process)
    expect(await rig.current.raw.points()).toEqual([])
    expect((await store.list(['a'])).items).toHaveLength(2)
  })

  test('with fields of the put: recovery indexes these and no others', async () => {
    const process = await rig.current.start()
    const upsert = process.vectors.hold('replace')
    const put = process.store.put(
      ['a'],
      '1',
      { title: 'red', body: 'blue', note: 'green' },
      { index: ['note', 'body'] },
    )
    await until(upsert.reached, put)
    await recoverAfter(process)
    expect((await rig.current.raw.points()).map(({ field }) => field).sort()).toEqual(['body', 'note'])
  })

  test('what is left behind is counted apart by verify(), and by recover() when it is projected', async () => {
    const first = await rig.current.start({ sync: 'manual' })
    await first.store.putMany(
      [1, 2, 3].map((n) => ({ namespace: ['a'], key: String(n), value: { title: `number ${n}` } })),
    )
    first.crash()
    clock.pass(11_000)
    // One that recovers nothing by itself.
    const { store } = await rig.current.start({ sync: 'manual' })
    const clean = { checked: 3, missing: 0, stale: 0, orphaned: 0, repaired: 0 }
    expect(await store.verify()).toEqual({ ...clean, pending: 3 })
    expect(await store.recover()).toMatchObject({ projected: 3, failed: 0 })
    expect(await store.verify()).toEqual(clean)
    expect(await store.recover()).toMatchObject({ projected: 0, failed: 0 })
  })

  test('is recovered for the space of every model by the stores that are open', async () => {
    const leaseMs = 300
    const models = [fakeEmbedder({ model: 'first' }), fakeEmbedder({ model: 'second' })]
    const stores = []
    for (const embedder of models) stores.push((await rig.current.start({ leaseMs, embedder })).store)
    const plain = await rig.current.startPlain({ leaseMs })
    await plain.put(['a'], '1', { title: 'red' })
    await plain.close()
    clock.pass(leaseMs)
    for (const store of stores)
      await vi.waitFor(async () => expect(await store.search(['a'], { query: 'red' })).toHaveLength(1), 10_000)
  })

  test('what fails for good is counted once, also where recover() waits for a lease', async () => {
    const first = await rig.current.start({ sync: 'manual' })
    await first.store.put(['a'], '1', { title: 'red' })
    first.crash()
    clock.pass(11_000)
    const { store, vectors } = await rig.current.start({ sync: 'manual', leaseMs: 300 })
    const other = await rig.current.start({ sync: 'manual', leaseMs: 300 })
    await other.store.put(['a'], '2', { title: 'blue' })
    vectors.on('replace', fail(forGood()), { times: 1 })
    const recovering = store.recover()
    other.crash()
    // As long as the lease of the other one lasts; then it looks a second time, and finds the failure on the intent.
    expect(await recovering).toMatchObject({ failed: 1 })
  })

  test('recover() tells also what opening has recovered before it', async () => {
    const first = await rig.current.start()
    const upsert = first.vectors.hold('replace')
    await until(upsert.reached, first.store.put(['a'], '1', { title: 'red' }, { sync: 'wait' }))
    first.crash()
    clock.pass(11_000)
    const { store } = await rig.current.start()
    await vi.waitFor(async () => expect(await store.search(['a'], { query: 'red' })).toHaveLength(1))
    expect(await store.recover()).toMatchObject({ projected: 1, failed: 0 })
    expect(await store.recover()).toMatchObject({ projected: 0, failed: 0 })
  })

  /** Lets what needs no more than turns of the event loop come to its next call. */
  async function someTurns(): Promise<void> {
    for (let turns = 0; turns < 20; turns += 1) await turn()
  }

  /** A process that dies with one document written and not indexed. */
  async function leaving(key: string, leaseMs: number): Promise<void> {
    const process = await rig.current.start({ leaseMs })
    const upsert = process.vectors.hold('replace')
    await until(upsert.reached, process.store.put(['a'], key, { title: 'red' }, { sync: 'wait' }))
    process.crash()
  }

  /** Begins recover(), and goes on when its first look has found a writer that is alive. */
  async function waitingForLease<T>(
    process: Process,
    begin: () => Promise<T>,
  ): Promise<{ recovering: Promise<T | Error> }> {
    const looked = process.kv.hold('listIntents', { after: true })
    const recovering = begin().catch((error: Error) => error)
    await looked.reached
    looked.release()
    await someTurns()
    return { recovering }
  }

  test('recover() that is aborted while it waits for a lease loses no count', async () => {
    await leaving('1', 10_000)
    await leaving('2', 60_000)
    const process = await rig.current.start()
    await vi.waitFor(() => expect(process.kv.callsOf('listIntents')).not.toEqual([]))
    clock.pass(11_000)
    const abort = new AbortController()
    const { recovering } = await waitingForLease(process, () => process.store.recover({ signal: abort.signal }))
    await vi.waitFor(async () => expect((await process.store.stats()).index).toMatchObject({ projected: 1 }))
    abort.abort()
    expect(await recovering).toMatchObject({ code: 'ABORTED' })
    clock.pass(61_000)
    expect(await process.store.recover()).toMatchObject({ projected: 2, failed: 0 })
  })

  test('recover() that waits for a lease says CLOSED when the store closes', async () => {
    await leaving('1', 60_000)
    const process = await rig.current.start()
    const { recovering } = await waitingForLease(process, () => process.store.recover())
    await process.store.close()
    expect(await recovering).toMatchObject({ code: 'CLOSED' })
  })

  test.each<[string, 'replace' | 'removeIntents', (store: Store) => Promise<unknown>, number]>([
    ['projected', 'replace', (store) => store.put(['a'], '1', { title: 'red' }, { sync: 'wait' }), 1],
    [
      'refused, as its condition does not hold',
      'removeIntents',
      (store) =>
        store.put(['a'], '1', { title: 'red' }, { ifVersion: '0001700000000000-abcdefabcdef' }).catch(() => {}),
      0,
    ],
  ])(
    'recover() leaves what is being %s, and is done before the database has answered',
    async (_, step, write, projected) => {
      const { store, kv, vectors } = await rig.current.start()
      await store.recover()
      const held = step === 'replace' ? vectors.hold(step) : kv.hold(step)
      const listing = kv.hold('listIntents', { after: true })
      const written = write(store)
      await held.reached
      const recovered = store.recover()
      await listing.reached
      held.release()
      await written
      await store.flush()
      expect(await rig.current.raw.intents()).toEqual([])
      listing.release()
      expect(await recovered).toEqual({ projected: 0, failed: 0, waiting: 0 })
      expect((await store.stats()).index).toMatchObject({ projected })
      await rig.current.expectInTandem()
    },
  )

  test('recover() leaves what it was trying again, and is done before the database has answered', async () => {
    const process = await rig.current.start()
    await process.store.recover()
    await leaving('1', 1000)
    clock.pass(11_000)
    process.vectors.on('replace', fail(timedOut()), { times: 4 })
    await expect(process.store.recover()).rejects.toMatchObject({ code: 'TIMEOUT' })
    const listing = process.kv.hold('listIntents', { after: true })
    const recovered = process.store.recover()
    await listing.reached
    await process.store.flush()
    expect(await rig.current.raw.intents()).toEqual([])
    listing.release()
    expect(await recovered).toEqual({ projected: 1, failed: 0, waiting: 0 })
    await rig.current.expectInTandem()
  })

  test.each<[string, 'background' | 'manual']>([
    ['written', 'background'],
    ['flushed', 'manual'],
  ])('recover() waits until the intents of what was %s in mode %s are removed', async (_, sync) => {
    const { store, kv } = await rig.current.start({ sync })
    await store.recover()
    const removal = kv.hold('removeIntents')
    await store.put(['a'], '1', { title: 'red' })
    const flushed = store.flush()
    await removal.reached
    const recovered = store.recover()
    await someTurns()
    removal.release()
    expect(await recovered).toEqual({ projected: 0, failed: 0, waiting: 0 })
    await flushed
    expect((await store.stats()).index).toMatchObject({ projected: 1 })
    await rig.current.expectInTandem()
  })

  test('of the process that recovers, half way: the next one finishes', async () => {
    const first = await rig.current.start({ sync: 'manual' })
    await first.store.putMany(
      Array.from({ length: 20 }, (_, n) => ({ namespace: ['a'], key: String(n), value: { title: `number ${n}` } })),
    )
    first.crash()
    clock.pass(11_000)
    const second = await rig.current.start({ sync: 'manual' })
    const upsert = second.vectors.hold('replace')
    await until(upsert.reached, second.store.recover())
    await recoverAfter(second)
    expect(await rig.current.raw.points()).toHaveLength(20)
  })

  test('a recovery that takes longer than a lease lasts keeps the lease of the process that recovers', async () => {
    const leaseMs = 300
    const first = await rig.current.start({ leaseMs })
    const second = await rig.current.start({ leaseMs })
    await second.store.recover()
    const upsert = first.vectors.hold('replace')
    await until(upsert.reached, first.store.put(['a'], '1', { title: 'red' }, { sync: 'wait' }))
    first.crash()
    clock.pass(leaseMs)
    const recovering = second.vectors.hold('replace')
    await recovering.reached
    clock.pass(leaseMs * 10)
    await vi.waitFor(
      async () =>
        expect((await rig.current.raw.kv.leases()).filter(({ expiresAt }) => expiresAt > Date.now())).toHaveLength(1),
      { timeout: 10_000 },
    )
    recovering.release()
    await vi.waitFor(async () => expect(await rig.current.raw.intents()).toEqual([]))
    await rig.current.expectInTandem()
  })

  test('of a store without an index: what it wrote is indexed by the next one that has it', async () => {
    const first = await rig.current.start()
    await first.store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    await first.store.close()
    const plain = await rig.current.startPlain()
    await plain.put(['a'], '2', { title: 'blue' })
    await plain.delete(['a'], '1')
    expect(await rig.current.raw.intents()).toHaveLength(2)
    await plain.close()
    // The KV cannot show that a document was deleted, only that it is not there, so the intent stays until settleMs.
    clock.pass(11_000)
    const { store } = await rig.current.start({ settleMs: 5000 })
    await store.recover()
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
    expect(await store.search(['a'], { query: 'blue' })).toHaveLength(1)
  })
})
