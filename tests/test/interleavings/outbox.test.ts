import { createStore, StoreError } from '@tandemstore/core'
import { type Behaviour, changeAnswer, fail, fakeEmbedder, hang, script } from '@tandemstore/testkit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection, timedOut, unavailable } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'
import { always, outage } from '../../src/gate.ts'

const refused = () => new StoreError('EMBEDDING_FAILED', 'The text is refused')
const badText = { ...always, where: (texts: readonly string[]) => texts.some((text) => text.includes('bad')) }

describe.each(backendKinds)('the outbox, $name', (kind) => {
  const rig = useRig(kind)

  beforeEach(() => {
    // No pause between two attempts.
    vi.spyOn(Math, 'random').mockReturnValue(0)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('flush() tells of a write in the background and of one in mode manual that are both refused', async () => {
    const { store, embedder } = await rig.current.start()
    embedder.on('embed', fail(refused()), badText)
    store.on('indexFailed', () => {})
    await store.put(['a'], 'background', { title: 'bad' })
    await store.put(['a'], 'manual', { title: 'bad too' }, { sync: 'manual' })
    const told = await rejection(store.flush(), 'EMBEDDING_FAILED')
    expect(told.message).toContain('2 documents')
    expect(told.message).toContain('["a","background"]')
    expect(told.message).toContain('["a","manual"]')
    await store.flush()
    expect((await store.stats()).index).toMatchObject({ failed: 2 })
  })

  test('what a flush that is aborted has found is told by the next one', async () => {
    const { store, embedder } = await rig.current.start()
    embedder.on('embed', fail(refused()), badText)
    store.on('indexFailed', () => {})
    const { indexed } = await store.put(['a'], '1', { title: 'bad' })
    await rejection(indexed, 'EMBEDDING_FAILED')
    await rejection(store.flush({ signal: AbortSignal.abort() }), 'ABORTED')
    expect(await rejection(store.flush(), 'EMBEDDING_FAILED')).toMatchObject({ key: '1' })
  })

  test('a text of mode manual that recover() met is told by flush()', async () => {
    const { store, embedder } = await rig.current.start({ sync: 'manual' })
    embedder.on('embed', fail(refused()), badText)
    store.on('indexFailed', () => {})
    await store.put(['a'], '1', { title: 'bad' })
    expect(await store.recover()).toMatchObject({ projected: 0, failed: 1 })
    expect(await rejection(store.flush(), 'EMBEDDING_FAILED')).toMatchObject({ key: '1' })
    await store.flush()
  })

  test('a request to the index that hangs holds up a write behind it for a moment only', async () => {
    const { store, vectors } = await rig.current.start()
    vectors.on('replace', hang(), { times: 1 })
    await store.put(['a'], '1', { title: 'red' })
    await vi.waitFor(() => expect(vectors.callsOf('replace')).toHaveLength(1))
    await (await store.put(['a'], '2', { title: 'blue' })).indexed
    expect(await store.search(['a'], { query: 'blue' })).toHaveLength(1)
    await store.close({ timeoutMs: 0 })
  })

  test('an index that says of every vector that it is missing is asked twice an attempt, and that is told', async () => {
    const { store, vectors } = await rig.current.start()
    let misses = true
    const missing: Behaviour = ({ args: [documents], proceed }) =>
      misses ? (documents as unknown[]).map(() => 'missing') : proceed()
    vectors.on('replace', missing, always)
    await store.put(['a'], '1', { title: 'red' })
    const told = await rejection(store.flush(), 'INDEX_FAILED')
    expect(told).toMatchObject({ key: '1', retryable: true })
    expect(vectors.callsOf('replace').length).toBeLessThanOrEqual(4)
    misses = false
    await store.flush()
    await rig.current.expectInTandem()
  })

  test('a write that may be on its way, and is surely not written the second time, keeps its intent', async () => {
    const { store, kv } = await rig.current.start({ settleMs: 60_000 })
    const late = kv.late('put', timedOut())
    kv.on(
      'put',
      ({ args: [writes] }) =>
        (writes as unknown[]).map(() => ({ status: 'failed', error: new Error('overloaded'), notWritten: true })),
      { times: 1 },
    )
    await rejection(store.put(['a'], '1', { title: 'red' }), 'KV_FAILED')
    await late.land()
    await store.recover()
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(1)
    await rig.current.expectInTandem()
  })

  test('rows that the database fails with a time to wait are written when that is over, as calls are', async () => {
    const { store, kv } = await rig.current.start()
    const busy = new StoreError('RATE_LIMITED', 'Later', { retryAfterMs: 50 })
    const started = performance.now()
    kv.on('put', ({ args: [writes] }) => (writes as unknown[]).map(() => ({ status: 'failed', error: busy })), {
      times: 1,
    })
    await store.put(['a'], '1', { title: 'red' })
    kv.on('put', fail(busy), { times: 1 })
    await store.put(['a'], '2', { title: 'blue' })
    expect(performance.now() - started).toBeGreaterThanOrEqual(100)
    expect(kv.callsOf('put')).toHaveLength(4)
  })

  test('search({ after }) takes a receipt whose version lies among those of a putMany in mode manual', async () => {
    const { store } = await rig.current.start()
    let receipt: Awaited<ReturnType<typeof store.put>> | undefined
    async function* bulk() {
      yield { namespace: ['bulk'], key: '1', value: { title: 'red' } }
      await vi.waitFor(async () => expect(await store.get(['bulk'], '1')).toBeDefined())
      receipt = await store.put(['a'], '1', { title: 'blue' })
      yield { namespace: ['bulk'], key: '2', value: { title: 'green' } }
    }
    await store.putMany(bulk(), { sync: 'manual' })
    expect(await store.search(['a'], { query: 'blue', after: receipt })).toHaveLength(1)
    const manual = await store.put(['bulk'], '3', { title: 'red' }, { sync: 'manual' })
    await rejection(store.search([], { query: 'red', after: manual }), 'INVALID_ARGUMENT')
    await store.flush()
    expect(await store.search(['bulk'], { query: 'red', after: manual })).toHaveLength(3)
  })

  test('a deletion of a namespace in mode wait that fails is told by its call and not by a flush', async () => {
    const { store, vectors } = await rig.current.start({ sync: 'wait' })
    await store.put(['a'], '1', { title: 'red' })
    vectors.on('deletePrefix', fail(new StoreError('INDEX_FAILED', 'It cannot')), always)
    store.on('indexFailed', () => {})
    await rejection(store.deleteNamespace(['a']), 'INDEX_FAILED')
    await store.flush()
  })

  test('a putMany of refused documents only tells its progress', async () => {
    const { store } = await rig.current.start()
    const onProgress = vi.fn()
    const documents = [{ namespace: [''], key: '1', value: { title: 'red' } }] as never
    expect(await store.putMany(documents, { onProgress })).toMatchObject({ written: 0, failed: [{ key: '1' }] })
    expect(onProgress).toHaveBeenLastCalledWith({ written: 0, failed: 1, indexed: 0 })
  })

  test('a putMany in mode manual of what is no list leaves nothing behind', async () => {
    const { store } = await rig.current.start({ sync: 'manual' })
    await rejection(store.putMany(42 as never), 'INVALID_ARGUMENT')
    await store.put(['a'], '1', { title: 'red' })
    await store.flush()
    expect(await store.close()).toEqual({ leftToRecovery: 0 })
  })

  test('deleteMany and deleteNamespace say how many documents went', async () => {
    const { store } = await rig.current.start()
    const refs = ['1', '2', '3'].map((key) => ({ namespace: ['a'], key }))
    await store.putMany(refs.map((ref) => ({ ...ref, value: { title: 'red' } })))
    expect(await store.deleteMany([...refs.slice(1), { namespace: ['a'], key: 'none' }])).toMatchObject({
      deleted: 3,
      existed: 2,
    })
    await store.putMany(refs.map(({ key }) => ({ namespace: ['a', 'b'], key, value: { title: 'blue' } })))
    expect(await store.deleteNamespace(['a'], { sync: 'wait' })).toMatchObject({ deleted: 4, superseded: false })
    expect(await store.list([])).toEqual({ items: [] })
  })

  test('putMany gives a receipt for each document on request', async () => {
    const { store } = await rig.current.start()
    const documents = ['1', '', '2'].map((key) => ({ namespace: ['a'], key, value: { title: `red ${key}` } }))
    const { receipts = [], failed } = await store.putMany(documents, { receipts: true })
    expect(failed).toHaveLength(1)
    expect(receipts.map((receipt) => receipt?.version)).toEqual([
      (await store.get(['a'], '1'))?.version,
      undefined,
      (await store.get(['a'], '2'))?.version,
    ])
    const [first] = receipts
    expect(await store.search(['a'], { query: 'red', after: first })).not.toEqual([])
    await store.put(['a'], '1', { title: 'blue' }, { ifVersion: first?.version })
    await rejection(store.put(['a'], '1', { title: 'green' }, { ifVersion: first?.version }), 'CONFLICT')
  })

  test('receipts of a putMany in mode manual are told by its flush', async () => {
    const { store } = await rig.current.start({ sync: 'manual' })
    const documents = [{ namespace: ['a'], key: '1', value: { title: 'red' } }]
    const { receipts = [] } = await store.putMany(documents, { receipts: true })
    await store.flush()
    await receipts[0]?.indexed
    expect(await store.search(['a'], { query: 'red', after: receipts[0] })).toHaveLength(1)
  })

  test('a putMany with receipts that is aborted while it waits for room rejects, and nothing else does', async () => {
    const { store, vectors } = await rig.current.start({ maxPending: 1 })
    const away = outage(unavailable)
    vectors.on('replace', away.behaviour, always)
    const documents = ['1', '2', '3'].map((key) => ({ namespace: ['a'], key, value: { title: 'red' } }))
    const abort = new AbortController()
    const putting = store.putMany(documents, { receipts: true, signal: abort.signal })
    await vi.waitFor(async () => expect((await store.stats()).index?.delayed).toBe(1))
    abort.abort()
    await rejection(putting, 'ABORTED')
    away.end()
    await store.flush()
  })

  test('a flush does not wait again for what it has found delayed', async () => {
    const { store, embedder } = await rig.current.start({ embedding: { retries: 0 } })
    embedder.on('embed', fail(new StoreError('RATE_LIMITED', 'Later', { retryAfterMs: 600_000 })), badText)
    await store.put(['a'], '1', { title: 'bad' })
    await store.delete(['a'], '2', { sync: 'manual' })
    const told = await rejection(store.flush(), 'RATE_LIMITED')
    expect(told.message).toContain('1 document is not searchable')
  })

  test('what was delayed in mode wait and is refused later is told by the next flush', async () => {
    const { store, embedder } = await rig.current.start({ embedding: { retries: 0 } })
    store.on('indexFailed', () => {})
    embedder.on('embed', fail(unavailable()), { times: 1 })
    embedder.on('embed', fail(refused()), badText)
    await rejection(store.put(['a'], '1', { title: 'bad' }, { sync: 'wait' }), 'UNAVAILABLE')
    expect(await rejection(store.flush(), 'EMBEDDING_FAILED')).toMatchObject({ key: '1' })
  })

  test('closing that fails leaves no call unsettled', async () => {
    const kv = script(rig.backend.kv)
    const { collection } = rig.current
    const store = await createStore({ collection, kv: kv.port, vectors: rig.backend.vectors, embedder: fakeEmbedder() })
    kv.on('get', () => new Promise(() => {}), always)
    kv.on('close', fail(new StoreError('KV_FAILED', 'It does not close')))
    const reading = rejection(store.get(['a'], '1'), 'CLOSED')
    await rejection(store.close(), 'KV_FAILED')
    await reading
  })

  test('a put that a newer version is there before says so on its receipt', async () => {
    const { store, kv } = await rig.current.start()
    const other = await rig.current.start()
    const writing = kv.hold('put')
    const older = store.put(['a'], '1', { title: 'red' })
    await writing.reached
    // Versions of one millisecond are told apart by their writers.
    const stamped = Date.now()
    await vi.waitUntil(() => Date.now() > stamped)
    expect(await other.store.put(['a'], '1', { title: 'blue' })).toMatchObject({ superseded: false })
    writing.release()
    expect(await older).toMatchObject({ superseded: true })
    await store.flush()
    expect((await store.get(['a'], '1'))?.value).toEqual({ title: 'blue' })
  })

  test('what reads a receipt without waiting for it changes nothing of when it is indexed', async () => {
    const { store } = await rig.current.start()
    const receipt = await store.put(['a'], '1', { title: 'red' })
    expect({ ...receipt }.indexed).toBe(receipt.indexed)
    expect(JSON.stringify(receipt)).toContain(receipt.version)
    expect(receipt.indexed).toBeInstanceOf(Promise)
    await receipt.indexed
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(1)
  })

  test('updatedAt grows with every write of a document, also within one millisecond', async () => {
    const { store } = await rig.current.start()
    vi.useFakeTimers({ toFake: ['Date'] })
    const times: number[] = []
    for (let n = 0; n < 5; n += 1) {
      await store.put(['a'], '1', { title: `red ${n}` })
      times.push((await store.get(['a'], '1'))?.updatedAt.getTime() ?? 0)
    }
    vi.useRealTimers()
    expect(times).toEqual([0, 1, 2, 3, 4].map((n) => (times[0] as number) + n))
  })

  test('a fault of the set-up keeps documents waiting, is told once, and they go on when it is mended', async () => {
    const { store, embedder } = await rig.current.start()
    const expired = outage(() => new StoreError('AUTHENTICATION', 'The key has expired'))
    embedder.on('embed', expired.behaviour, always)
    const blocked = vi.fn()
    store.on('indexBlocked', blocked)
    for (const key of ['1', '2', '3']) await store.put(['a'], key, { title: `red ${key}` })
    await rejection(store.flush(), 'AUTHENTICATION')
    expect(blocked).toHaveBeenCalledOnce()
    expect(await store.health()).toMatchObject({
      ok: false,
      blocked: { documents: 3, error: { code: 'AUTHENTICATION' } },
    })
    expect((await store.stats()).index).toMatchObject({ failed: 0, delayed: 3 })
    // What needs no key says nothing of it.
    await store.delete(['a'], '4', { sync: 'wait' })
    expect(await store.health()).toMatchObject({ ok: false })
    await rejection(store.flush(), 'AUTHENTICATION')
    expect(blocked).toHaveBeenCalledOnce()
    expired.end()
    await store.flush()
    expect(await store.health()).toMatchObject({ ok: true })
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(3)
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('documents that wait for the set-up go on with the next opening', async () => {
    const first = await rig.current.start()
    first.embedder.on('embed', fail(new StoreError('AUTHENTICATION', 'The key has expired')), always)
    first.store.on('indexBlocked', () => {})
    await first.store.put(['a'], '1', { title: 'red' })
    // Waiting would not mend it, so closing does not.
    const began = performance.now()
    expect(await first.store.close({ timeoutMs: 60_000 })).toEqual({ leftToRecovery: 1 })
    expect(performance.now() - began).toBeLessThan(30_000)
    const { store } = await rig.current.start()
    await store.recover()
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(1)
  })

  test('settleMs above the time for which the database remembers deletions is refused', async () => {
    const deletionMemoryMs = rig.backend.kv.capabilities.deletionMemoryMs
    if (!Number.isFinite(deletionMemoryMs) || deletionMemoryMs > 2 ** 31 - 2) return
    await rejection(rig.current.start({ settleMs: deletionMemoryMs + 1 }), 'INVALID_ARGUMENT')
  })

  test('leases are judged by the clock of the database: a machine whose clock is ahead takes over nothing of a live writer', async () => {
    const writer = await rig.current.start()
    const embedding = writer.embedder.hold('embed')
    await writer.store.put(['a'], '1', { title: 'red' })
    await embedding.reached
    const kv = script(rig.backend.kv)
    kv.on(
      'clock',
      changeAnswer<{ now: number }>((answer) => ({ ...answer, now: answer.now - 15_000 })),
      always,
    )
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.setSystemTime(Date.now() + 15_000)
    const embedder = script(fakeEmbedder())
    const { collection } = rig.current
    const ahead = await createStore({ collection, kv: kv.port, vectors: rig.backend.vectors, embedder: embedder.port })
    await vi.waitFor(() => expect(kv.callsOf('listIntents')).not.toEqual([]))
    await ahead.close()
    vi.useRealTimers()
    expect(embedder.callsOf('embed')).toEqual([])
    embedding.release()
    await writer.store.flush()
  })

  test('opening asks a database that does not answer in time once only', async () => {
    const { collection } = rig.current
    const kv = script(rig.backend.kv)
    const vectors = script(rig.backend.vectors)
    const options = { collection, kv: kv.port, vectors: vectors.port, embedder: fakeEmbedder() }
    vectors.on('open', fail(timedOut()), always)
    await rejection(createStore(options), 'TIMEOUT')
    expect(vectors.callsOf('open')).toHaveLength(1)
    kv.on('open', fail(timedOut()), always)
    await rejection(createStore(options), 'TIMEOUT')
    expect(kv.callsOf('open')).toHaveLength(2)
  })

  test('a database that hangs keeps neither close() nor a call waiting', async () => {
    const { store, kv } = await rig.current.start()
    kv.on('get', hang(), always)
    kv.on('close', hang(), always)
    store.on('backgroundError', () => {})
    const reading = rejection(store.get(['a'], '1'), 'CLOSED')
    const began = performance.now()
    await store.close({ timeoutMs: 100 })
    expect(performance.now() - began).toBeLessThan(8000)
    await reading
  })
})
