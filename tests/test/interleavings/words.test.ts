import { type Store, StoreError } from '@tandemstore/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection, unavailable } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'
import { always, gate, outage } from '../../src/gate.ts'
import { fields, type Process } from '../../src/rig.ts'

const refused = (): StoreError => new StoreError('EMBEDDING_FAILED', 'The text is refused')
const index = { fields, keywords: true } as const
/** A word of its own for each number. */
const wordOf = (n: number): string => `q${[...`${n}`].map((digit) => 'abcdefghij'[Number(digit)]).join('')}`
const words = ['red', 'green', 'blue', 'bad', 'old', 'new']

describe.each(backendKinds)('words while vectors are late, $name', (kind) => {
  const rig = useRig(kind, { index, leaseMs: 500, embedding: { retries: 0 } })

  beforeEach(() => {
    // No pause between two attempts.
    vi.spyOn(Math, 'random').mockReturnValue(0)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const foundBy = async (store: Store, query: string, mode: 'keyword' | 'vector' = 'keyword'): Promise<string[]> =>
    (await store.search([], { query, mode })).map(({ document }) => document.key).sort()

  /** A store whose embedder does not answer documents, until it is told to. */
  async function startWithoutEmbedder(error = unavailable): Promise<Process & { mend(): void }> {
    const process = await rig.current.start()
    const away = outage(error)
    process.embedder.on('embed', away.behaviour, { ...always, where: (_, { purpose }) => purpose === 'document' })
    for (const event of ['indexDelayed', 'indexBlocked', 'backgroundError'] as const) process.store.on(event, () => {})
    return { ...process, mend: away.end }
  }

  test.each([
    ['the embedder is down', unavailable],
    ['its key is wrong', () => new StoreError('AUTHENTICATION', 'The key is wrong')],
  ])('a write is found by words while %s, and by meaning afterwards', async (_, error) => {
    const { store, mend } = await startWithoutEmbedder(error)
    const { indexed } = await store.put(['a'], '1', { title: 'red', body: 'green' })
    await rejection(store.flush(), error().code)
    expect(await foundBy(store, 'red')).toEqual(['1'])
    expect(await foundBy(store, 'green')).toEqual(['1'])
    expect(await foundBy(store, 'red', 'vector')).toEqual([])
    expect(await rig.current.raw.intents()).toHaveLength(1)
    expect(await store.verify()).toEqual({ checked: 1, missing: 0, stale: 0, orphaned: 0, repaired: 0, pending: 1 })
    expect((await store.stats()).index).toMatchObject({ pending: 1, projected: 0 })
    mend()
    await store.flush()
    await indexed
    expect(await foundBy(store, 'red', 'vector')).toEqual(['1'])
    await expectAllRight(store)
  })

  test('the points are written once with words, whatever the number of attempts, and once whole', async () => {
    const { store, vectors, embedder, mend } = await startWithoutEmbedder()
    await store.put(['a'], '1', { title: 'red' })
    await rejection(store.flush(), 'UNAVAILABLE')
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const before = embedder.callsOf('embed').length
      await rejection(store.flush(), 'UNAVAILABLE')
      await vi.waitFor(() => expect(embedder.callsOf('embed').length).toBeGreaterThan(before))
    }
    expect(vectors.callsOf('replace')).toHaveLength(1)
    expect(vectors.callsOf('replace')[0]?.[0][0]?.points).toMatchObject([{ vector: null, terms: { terms: ['red'] } }])
    mend()
    await store.flush()
    expect(vectors.callsOf('replace')).toHaveLength(2)
    await expectAllRight(store)
  })

  test('a write whose embedding goes well is written once', async () => {
    const { store, vectors } = await rig.current.start()
    await store.put(['a'], '1', { title: 'red' })
    await store.flush()
    expect(vectors.callsOf('replace')).toHaveLength(1)
    await expectAllRight(store)
  })

  test('a text that is refused for good is found by words, and stays without a vector until it is tried again', async () => {
    const { store, embedder } = await rig.current.start()
    const refusal = outage(refused)
    embedder.on('embed', refusal.behaviour, { ...always, where: (texts) => texts.some((text) => text === 'bad') })
    store.on('indexFailed', () => {})
    const { indexed } = await store.put(['a'], '1', { title: 'red', body: 'bad' })
    await rejection(indexed, 'EMBEDDING_FAILED')
    expect(await foundBy(store, 'bad')).toEqual(['1'])
    // The other text has its vector.
    const [hit] = await store.search([], { query: 'red', mode: 'vector' })
    expect(hit?.matched).toMatchObject({ field: 'title', text: 'red' })
    expect(await store.verify()).toMatchObject({ checked: 1, missing: 1 })
    await store.flush().catch(() => {})
    refusal.end()
    expect(await store.verify({ repair: true })).toMatchObject({ missing: 1, repaired: 1 })
    await expectAllRight(store)
  })

  test('the text of the version before is not found any more, by words nor by meaning', async () => {
    const { store, embedder } = await rig.current.start()
    await store.put(['a'], '1', { title: 'old', body: 'green' }, { sync: 'wait' })
    const away = outage(unavailable)
    embedder.on('embed', away.behaviour, always)
    await store.put(['a'], '1', { title: 'new', body: 'green' })
    await rejection(store.flush(), 'UNAVAILABLE')
    expect(await foundBy(store, 'old')).toEqual([])
    expect(await foundBy(store, 'new')).toEqual(['1'])
    // The vector of the text that is the same is kept.
    const points = await rig.current.raw.points()
    expect(points.map(({ field, lacksVector }) => [field, lacksVector]).sort()).toEqual([
      ['body', undefined],
      ['title', true],
    ])
    away.end()
    await store.flush()
    await expectAllRight(store)
  })

  test('a crash meanwhile loses neither: the next process finds by words, and brings the vectors', async () => {
    const dying = await startWithoutEmbedder()
    await dying.store.put(['a'], '1', { title: 'red' })
    await dying.store.put(['a'], '2', { title: 'blue' })
    await rejection(dying.store.flush(), 'UNAVAILABLE')
    dying.crash()

    const second = await startWithoutEmbedder()
    expect(await foundBy(second.store, 'red')).toEqual(['1'])
    await rejection(second.store.recover(), 'UNAVAILABLE')
    expect(await foundBy(second.store, 'blue')).toEqual(['2'])
    await second.store.close({ timeoutMs: 100 })

    const { store } = await rig.current.start()
    expect(await foundBy(store, 'red')).toEqual(['1'])
    await store.recover()
    expect(await foundBy(store, 'red', 'vector')).toEqual(['1', '2'])
    await expectAllRight(store)
  }, 60_000)

  test('documents of an ingest in whose midst the embedder dies are all found by words, and later by meaning', async () => {
    const { store, embedder } = await rig.current.start({
      index,
      maxPending: 1000,
      embedding: { retries: 0, maxBatchSize: 10 },
    })
    const away = outage(unavailable)
    let texts = 0
    embedder.on('embed', (call) => (texts >= 100 ? away.behaviour(call) : call.proceed()), {
      ...always,
      where: (some, { purpose }) => {
        if (purpose === 'document') texts += some.length
        return purpose === 'document'
      },
    })
    for (const event of ['indexDelayed', 'searchDegraded'] as const) store.on(event, () => {})
    const documents = Array.from({ length: 300 }, (_, i) => ({
      namespace: ['a'],
      key: `${i}`,
      value: { title: `red ${wordOf(i)}` },
    }))
    await store.putMany(documents)
    await rejection(store.flush(), 'UNAVAILABLE')
    expect(await store.search([], { query: 'red', mode: 'keyword', limit: 1000 })).toHaveLength(300)
    for (const i of [0, 150, 299]) expect(await foundBy(store, wordOf(i))).toEqual([`${i}`])
    // The embedder is not called any more, so that a search answers at once.
    expect((await store.stats()).embeddings?.circuit).toBe('open')
    const hits = await store.search([], { query: 'red', limit: 10 })
    expect(hits.map(({ degraded }) => degraded)).toEqual(new Array(10).fill('keyword'))
    await store.close({ timeoutMs: 0 })

    const { store: next } = await rig.current.start()
    await next.recover()
    expect(await next.search([], { query: 'red', mode: 'vector', limit: 1000 })).toHaveLength(300)
    await expectAllRight(next)
  })

  test('a document that another process deletes while its words are on their way leaves none', async () => {
    const { store, vectors, mend } = await startWithoutEmbedder()
    const held = vectors.hold('replace')
    const { version } = await store.put(['a'], '1', { title: 'red' })
    const flushed = store.flush()
    flushed.catch(() => {})
    await held.reached
    await rig.current.raw.kv.delete([{ namespace: ['a'], key: '1', version: `${version}f` }])
    held.release()
    await flushed.catch(() => {})
    expect(await rig.current.raw.points()).toEqual([])
    mend()
    await store.flush()
    await expectAllRight(store)
  })

  /** A process dies before its write has any points. */
  async function leaveBehind(): Promise<void> {
    const dying = await rig.current.start({ sync: 'manual' })
    await dying.store.put(['a'], '1', { title: 'red' })
    dying.crash()
  }

  test('of two that recover the same write, the one whose embedder is down takes away no vector of the other', async () => {
    await leaveBehind()
    const waiting = gate()
    const down = await rig.current.start()
    down.embedder.on(
      'embed',
      async (call) => {
        await waiting.behaviour({ ...call, proceed: async () => {} })
        throw unavailable()
      },
      { ...always, where: (_, { purpose }) => purpose === 'document' },
    )
    down.store.on('indexDelayed', () => {})
    const recovering = down.store.recover().catch(() => {})
    await waiting.reached
    const { store } = await rig.current.start()
    await store.recover()
    expect(await foundBy(store, 'red', 'vector')).toEqual(['1'])
    waiting.open()
    await recovering
    expect(await foundBy(store, 'red', 'vector')).toEqual(['1'])
    down.crash()
    await store.recover()
    await expectAllRight(store)
  }, 60_000)

  test('words that land after the vectors of another process are followed by vectors, though their writer dies', async () => {
    await leaveBehind()
    const down = await startWithoutEmbedder()
    const held = down.vectors.hold('replace')
    const recovering = down.store.recover().catch(() => {})
    await held.reached
    const { store } = await rig.current.start()
    await store.recover()
    held.release()
    await recovering
    down.crash()
    await store.recover()
    expect(await foundBy(store, 'red', 'vector')).toEqual(['1'])
    await expectAllRight(store)
  }, 60_000)

  test('no terms are kept that a store without keywords has removed meanwhile', async () => {
    const { store, vectors } = await rig.current.start()
    const other = await rig.current.start({ index: { fields } })
    await store.put(['a'], '1', { title: 'red', n: 1 }, { sync: 'wait' })
    const otherHeld = other.vectors.hold('replace')
    const otherPut = other.store.put(['a'], '1', { title: 'red', n: 2 }, { sync: 'wait' })
    await otherHeld.reached
    const held = vectors.hold('replace')
    // Its terms are seen to be there.
    const put = store.put(['a'], '1', { title: 'red', n: 3 }, { sync: 'wait' })
    await held.reached
    otherHeld.release()
    await vi.waitFor(() => expect(other.vectors.callsOf('replace')).toHaveLength(1))
    await otherPut
    held.release()
    await put
    expect(await foundBy(store, 'red')).toEqual(['1'])
    await other.store.flush()
    await expectAllRight(store)
  })

  async function expectAllRight(store: Store): Promise<void> {
    await rig.current.expectInTandem()
    await rig.current.expectWordsInTandem(words)
    expect(await rig.current.raw.intents()).toEqual([])
    expect(await store.verify()).toMatchObject({ missing: 0, stale: 0, orphaned: 0 })
  }
})
