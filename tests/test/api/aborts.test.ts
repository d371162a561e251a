import type { Store } from '@tandemstore/core'
import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'
import { always, gate } from '../../src/gate.ts'
import type { Process } from '../../src/rig.ts'

type Use = (store: Store, signal: AbortSignal) => Promise<unknown>

const uses: readonly (readonly [method: string, use: Use])[] = [
  ['put', (store, signal) => store.put(['a'], 'new', { title: 'red' }, { signal })],
  ['put, wait', (store, signal) => store.put(['a'], 'new', { title: 'red' }, { signal, sync: 'wait' })],
  [
    'putMany',
    (store, signal) => store.putMany([{ namespace: ['a'], key: 'new', value: { title: 'red' } }], { signal }),
  ],
  ['get', (store, signal) => store.get(['a'], '1', { signal })],
  ['getMany', (store, signal) => store.getMany([{ namespace: ['a'], key: '1' }], { signal })],
  ['delete', (store, signal) => store.delete(['a'], '1', { signal })],
  ['deleteMany', (store, signal) => store.deleteMany([{ namespace: ['a'], key: '1' }], { signal })],
  ['deleteNamespace', (store, signal) => store.deleteNamespace(['a'], { signal })],
  ['search by query', (store, signal) => store.search([], { query: 'red', signal })],
  ['search by vector', (store, signal) => store.search([], { vector: new Array(64).fill(1), signal })],
  ['search without', (store, signal) => store.search([], { signal })],
  ['list', (store, signal) => store.list([], { signal })],
  ['namespaces', (store, signal) => store.namespaces({ signal })],
  ['flush', (store, signal) => store.flush({ signal })],
  ['recover', (store, signal) => store.recover({ signal })],
  ['verify', (store, signal) => store.verify({ signal })],
]

/** Where each of them waits for a database. */
const held: Readonly<Record<string, (process: Process) => { readonly reached: Promise<unknown>; release(): void }>> = {
  put: ({ kv }) => kv.hold('put'),
  'put, wait': ({ vectors }) => vectors.hold('replace'),
  putMany: ({ kv }) => kv.hold('put'),
  get: ({ kv }) => kv.hold('get'),
  getMany: ({ kv }) => kv.hold('get'),
  delete: ({ kv }) => kv.hold('delete'),
  deleteMany: ({ kv }) => kv.hold('delete'),
  deleteNamespace: ({ kv }) => kv.hold('deletePrefix'),
  'search by query': ({ embedder }) => embedder.hold('embed'),
  'search by vector': ({ vectors }) => vectors.hold('query'),
  'search without': ({ kv }) => kv.hold('list'),
  list: ({ kv }) => kv.hold('list'),
  namespaces: ({ kv }) => kv.hold('namespaces'),
  recover: ({ kv }) => kv.hold('listIntents'),
  verify: ({ vectors }) => vectors.hold('scan'),
}

describe.each(backendKinds)('AbortSignal, $name', (kind) => {
  const rig = useRig(kind)
  const reason = new Error('called off')

  test.each(uses)('%s with a signal that was aborted before: ABORTED, and nothing happened', async (_, use) => {
    const { store } = await rig.current.start({ sync: 'wait' })
    await store.put(['a'], '1', { title: 'red' })
    const error = await rejection(use(store, AbortSignal.abort(reason)), 'ABORTED')
    expect(error.cause).toBe(reason)
    expect(error.retryable).toBe(false)
    await store.flush()
    expect((await rig.current.raw.rows()).map(({ key }) => key)).toEqual(['1'])
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test.each(uses.filter(([method]) => method !== 'flush'))(
    '%s in the middle: ABORTED at once, and the index follows whatever happened',
    async (method, use) => {
      const process = await rig.current.start()
      const { store } = process
      await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
      const call = held[method]?.(process)
      const aborting = new AbortController()
      const ended = rejection(use(store, aborting.signal), 'ABORTED')
      await call?.reached
      aborting.abort(reason)
      expect((await ended).cause).toBe(reason)
      call?.release()
      await store.flush()
      await store.recover()
      await rig.current.expectInTandem()
      // And the store goes on.
      await store.put(['a'], 'after', { title: 'blue' }, { sync: 'wait' })
      expect((await store.search(['a'], { query: 'blue', limit: 1 })).map(({ document }) => document.key)).toEqual([
        'after',
      ])
      await rig.current.expectInTandem()
      expect((await store.stats()).index).toMatchObject({ pending: 0 })
    },
  )

  test('flush in the middle: ABORTED, and what it waited for goes on', async () => {
    const { store, embedder } = await rig.current.start()
    const closed = gate()
    embedder.on('embed', closed.behaviour, always)
    const { indexed } = await store.put(['a'], '1', { title: 'red' })
    const aborting = new AbortController()
    const flushed = rejection(store.flush({ signal: aborting.signal }), 'ABORTED')
    await closed.reached
    aborting.abort(reason)
    await flushed
    closed.open()
    await indexed
    await rig.current.expectInTandem()
  })

  test('a write that waits behind another on its document is taken back', async () => {
    const { store, kv } = await rig.current.start()
    const first = kv.hold('put')
    const one = store.put(['a'], '1', { title: 'red' })
    await first.reached
    const aborting = new AbortController()
    const two = rejection(store.put(['a'], '1', { title: 'blue' }, { signal: aborting.signal }), 'ABORTED')
    aborting.abort(reason)
    await two
    first.release()
    await one
    await store.flush()
    expect((await store.get(['a'], '1'))?.value).toEqual({ title: 'red' })
    expect(kv.callsOf('put')).toHaveLength(1)
    expect(await rig.current.raw.intents()).toEqual([])
    await rig.current.expectInTandem()
  })

  test('search({ after }) ends its wait', async () => {
    const { store, embedder } = await rig.current.start()
    const closed = gate()
    embedder.on('embed', closed.behaviour, always)
    const receipt = await store.put(['a'], '1', { title: 'red' })
    const aborting = new AbortController()
    const searched = rejection(store.search([], { query: 'red', after: receipt, signal: aborting.signal }), 'ABORTED')
    await closed.reached
    aborting.abort(reason)
    await searched
    closed.open()
    await store.flush()
  })

  test('health answers for its signal as for a database that does not answer', async () => {
    const { store } = await rig.current.start()
    const health = await store.health({ signal: AbortSignal.abort(reason) })
    expect(health).toMatchObject({ ok: false, kv: { ok: false, error: { code: 'ABORTED' } } })
  })

  test('no listener is left on a signal that many calls share', async () => {
    const { store } = await rig.current.start()
    const { signal } = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners += 1
      addEventListener.apply(signal, args)
    }
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners -= 1
      removeEventListener.apply(signal, args)
    }
    for (let n = 0; n < 10; n += 1) {
      await store.put(['a'], '1', { title: `red ${n}` }, { signal, sync: 'wait' })
      await store.get(['a'], '1', { signal })
      await store.search(['a'], { query: `red ${n}`, signal })
      await store.flush({ signal })
    }
    expect(listeners).toBe(0)
  })
})
