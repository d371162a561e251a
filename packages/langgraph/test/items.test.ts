import { StoreError } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fail, fakeEmbedder, script } from '@tandemstore/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TandemStore } from '../src/index.js'
import { inMemory, keysOf, openStore } from './backends.js'

const code = (expected: string) => expect.objectContaining({ name: 'StoreError', code: expected })

describe('values', () => {
  it('are what JSON makes of them', async () => {
    const { store } = await openStore(inMemory)
    const value = { date: new Date(0), nothing: undefined, list: [undefined, Number.NaN], map: new Map([[1, 2]]), url: new URL('http://x/') } // biome-ignore format: a list
    await store.put(['n'], 'k', value)
    const item = await store.get(['n'], 'k')
    expect(item?.value).toEqual({
      date: '1970-01-01T00:00:00.000Z',
      list: [null, null],
      map: {},
      url: 'http://x/',
    })
    await store.stop()
  })

  it('are repaired where no database takes their text', async () => {
    const { store } = await openStore(inMemory)
    await store.batch([
      { namespace: ['n'], key: 'good', value: { text: 'tea \\ud800 \\u0000 😀' } },
      { namespace: ['n'], key: 'bad', value: { text: 'a\ud800b\0c', 'na\udc00me': ['\0', { x: '\udfff' }] } },
    ])
    const items = await store.batch([
      { namespace: ['n'], key: 'good' },
      { namespace: ['n'], key: 'bad' },
    ])
    expect(items.map((item) => item?.value)).toEqual([
      { text: 'tea \\ud800 \\u0000 😀' },
      { text: 'a\ufffdb\ufffdc', 'na\ufffdme': ['\ufffd', { x: '\ufffd' }] },
    ])
    const found = await store.search(['n'], { query: 'a\ud800b\0c', filter: { text: 'a\ud800b\0c' } })
    expect(keysOf(found)).toEqual(['bad'])
    await store.stop()
  })

  it('belong to the caller', async () => {
    const { store } = await openStore(inMemory)
    const value = { text: 'tea', list: [1] }
    await store.put(['n'], 'k', value)
    value.list.push(2)
    const item = await store.get(['n'], 'k')
    item?.value.list.push(3)
    item?.namespace.push('x')
    expect(await store.get(['n'], 'k')).toMatchObject({ namespace: ['n'], value: { list: [1] } })
    await store.stop()
  })

  it.each([[[1]], ['text'], [7], [undefined], [{ big: 1n }], [() => 1]])('are refused: %s', async (value) => {
    const { store } = await openStore(inMemory)
    const refused = store.put(['n'], 'k', value as never)
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field: 'operations[0].value' })
    await store.stop()
  })
})

describe('a listing', () => {
  it('reads as many documents as are wanted', async () => {
    const kv = script(memoryKV())
    const { store } = await openStore(inMemory, { kv: kv.port })
    const values = Array.from({ length: 1500 }, (_, i) => ({ namespace: ['n'], key: `${10_000 + i}`, value: { i } }))
    await store.batch(values.map((each) => ({ ...each, index: false as const })))
    const before = kv.callsOf('list').length
    const limits = (): unknown[] =>
      kv
        .callsOf('list')
        .slice(before)
        .map(([query]) => (query as { limit: number }).limit)
    expect(await store.search(['n'], { limit: 7, offset: 3 })).toHaveLength(7)
    expect(limits()).toEqual([10])
    expect(keysOf(await store.search(['n'], { limit: 5000 }))).toEqual(values.map(({ key }) => key))
    expect(limits().slice(1)).toEqual([1000, 1000])
    expect(await store.search(['n'], { filter: { i: { $gte: 1490 } }, limit: 20, offset: 5 })).toHaveLength(5)
    await store.stop()
  })
})

describe('a batch of which something fails', () => {
  it('writes what can be written, and says what can not', async () => {
    const { store } = await openStore(inMemory)
    const big = { text: 'x'.repeat(1_000_001) }
    const batch = store.batch([
      { namespace: ['n'], key: 'a', value: { text: 'tea' } },
      { namespace: ['n'], key: 'b', value: big },
      { namespace: ['n'], key: 'c', value: big },
      { namespace: ['n'], key: 'd', value: { text: 'tea' } },
    ])
    await expect(batch).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      key: 'b',
      message: expect.stringMatching(/^2 of 4 items failed; the first: value: expected at most 1000000 bytes/),
    })
    expect(keysOf(await store.search(['n'], { query: 'tea' })).sort()).toEqual(['a', 'd'])
    await store.stop()
  })

  it('is refused as a whole, before anything is written, where an argument is wrong', async () => {
    const { store } = await openStore(inMemory)
    const good = { namespace: ['n'], key: 'a', value: { text: 'tea' } }
    const wrong: unknown[] = [
      { namespace: ['n'], key: '', value: {} },
      { namespace: ['n'], key: 'x'.repeat(1025), value: {} },
      { namespace: ['n'], key: 'k', value: {}, ttl: 0 },
      { namespace: ['n'], key: 'k', value: {}, index: { ttl: 1 } },
      { namespacePrefix: [], limit: -1, offset: 0 },
      { namespacePrefix: [], limit: 1, offset: 0.5 },
      { matchConditions: [], limit: 1, offset: 0, maxDepth: 0 },
      { matchConditions: [{ matchType: 'infix', path: ['a'] }], limit: 1, offset: 0 },
      {},
      null,
    ]
    for (const operation of wrong) {
      await expect(store.batch([good, operation as never])).rejects.toThrow(code('INVALID_ARGUMENT'))
    }
    expect(await store.search([])).toEqual([])
    await store.stop()
  })

  it('calls an outage of the embedder an outage, and one refused text its own fault', async () => {
    const embedder = script(fakeEmbedder({ dimensions: 64 }))
    const index = { dims: 64, embeddings: embedder.port, fields: ['text'] }
    const { store } = await openStore(inMemory, { index, embedding: { retries: 0 } })
    embedder.on('embed', fail(new StoreError('EMBEDDING_FAILED', 'refused')), {
      times: 100,
      where: (texts) => (texts as readonly string[]).some((text) => text.includes('bad')),
    })
    const put = (key: string, text: string) => ({ namespace: ['n'], key, value: { text } })
    await expect(store.batch([put('a', 'tea'), put('b', 'bad tea'), put('c', 'tea leaf')])).rejects.toMatchObject({
      code: 'EMBEDDING_FAILED',
      key: 'b',
    })
    expect(keysOf(await store.search(['n'], { query: 'tea' })).sort()).toEqual(['a', 'c'])
    embedder.on('embed', fail(new StoreError('UNAVAILABLE', 'down')), { times: 100 })
    await expect(store.put(['n'], 'd', { text: 'other tea' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    })
    await expect(store.search(['n'], { query: 'other tea' })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await (await store.tandem()).close({ timeoutMs: 0 })
  })
})

describe('visibility: search', () => {
  it('lets a put go on while its text is embedded, and a search wait for it', async () => {
    const embedder = script(fakeEmbedder())
    const index = { dims: 64, embeddings: embedder.port, fields: ['text'] }
    const { store } = await openStore(inMemory, { index, visibility: 'search' })
    await store.start()
    const held = embedder.hold('embed')
    await store.put(['n'], 'a', { text: 'tea' })
    await held.reached
    const searches = Promise.all([store.search(['n'], { query: 'tea' }), store.search(['n'], { query: 'leaf' })])
    expect(await Promise.race([searches, store.search(['n'])])).toMatchObject([{ key: 'a' }])
    held.release()
    expect((await searches).map(keysOf)).toEqual([['a'], ['a']])
    await store.stop()
  })

  it.each([
    ['UNAVAILABLE', true],
    ['AUTHENTICATION', false],
  ] as const)('does not name the items of others that a search would miss: %s', async (fault, retryable) => {
    const embedder = script(fakeEmbedder())
    const index = { dims: 64, embeddings: embedder.port, fields: ['text'] }
    const { store } = await openStore(inMemory, { index, visibility: 'search', embedding: { retries: 0 } })
    await store.put(['b'], 'k', { text: 'known' })
    expect(keysOf(await store.search(['b'], { query: 'known' }))).toEqual(['k'])
    const isDocument = (_: unknown, options: unknown) => (options as { purpose: string }).purpose === 'document'
    embedder.on('embed', fail(new StoreError(fault, 'down')), { times: 50, where: isDocument })
    await store.put(['a'], 'secret-key', { text: 'new' })
    const failed = await store.search(['b'], { query: 'known' }).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: fault, retryable })
    expect(JSON.stringify(failed)).not.toContain('secret')
    await (await store.tandem()).close({ timeoutMs: 0 })
  })
})

describe('time', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())
  const later = (minutes: number) => vi.setSystemTime(Date.now() + minutes * 60_000)

  /** Advances the clock by a millisecond whenever somebody waits for it. */
  const put = async (store: TandemStore, key: string, ttl?: number): Promise<void> => {
    const done = store.put(['n'], key, { text: 'tea' }, undefined, ttl === undefined ? {} : { ttl })
    let isDone = false
    void done.finally(() => {
      isDone = true
    })
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve))
      vi.setSystemTime(Date.now() + 1)
    }
    await done
  }
  const databases = () => ({ kv: memoryKV({ now: () => Date.now() }), vectors: memoryIndex() })

  it('of the clock passes in a put, so that the next one of its item is dated later', async () => {
    const { store } = await openStore(inMemory)
    const tandem = await store.tandem()
    const turn = () => new Promise((resolve) => setTimeout(resolve))
    let isDone = false
    const done = store.put(['n'], 'k', { text: 'tea' }).then(() => {
      isDone = true
    })
    // No waitFor of vitest: it moves the clock on.
    while ((await tandem.search(['n'], { query: 'tea' })).length === 0) await turn()
    for (let i = 0; i < 30; i += 1) await turn()
    expect(isDone).toBe(false)
    later(1 / 60_000)
    await done
    // A clock that stands still does not hold it up for ever.
    await store.put(['n'], 'k', { text: 'tea' })
    await store.stop()
  })

  it('to live is in minutes, by the store or by the put', async () => {
    const { store } = await openStore(inMemory, { ...databases(), ttl: { defaultTtl: 10 } })
    await put(store, 'default')
    await put(store, 'long', 60)
    later(9)
    expect(keysOf(await store.search(['n'], { query: 'tea' })).sort()).toEqual(['default', 'long'])
    later(1)
    expect(keysOf(await store.search(['n'], { query: 'tea' }))).toEqual(['long'])
    expect(await store.get(['n'], 'default')).toBeNull()
    later(50)
    expect(await store.search(['n'])).toEqual([])
    await store.stop()
  })

  it.each([
    ['get', async (store: TandemStore, refreshTTL?: boolean) => void (await store.get(['n'], 'k', { refreshTTL }))],
    ['search', async (store: TandemStore, refreshTTL?: boolean) => void (await store.search(['n'], { refreshTTL }))],
    [
      'search by query',
      async (store: TandemStore, refreshTTL?: boolean) =>
        void (await store.search(['n'], { query: 'tea', refreshTTL })),
    ],
  ])('to live starts anew by %s, where it is asked for', async (_, read) => {
    for (const [refreshOnRead, refreshTTL, lives] of [
      [undefined, undefined, false],
      [true, undefined, true],
      [true, false, false],
      [false, true, true],
    ] as const) {
      const { store } = await openStore(inMemory, { ...databases(), ttl: { defaultTtl: 10, refreshOnRead } })
      await put(store, 'k')
      later(8)
      await read(store, refreshTTL)
      later(5)
      expect((await store.get(['n'], 'k', { refreshTTL: false })) !== null).toBe(lives)
      await store.stop()
    }
  })
})

describe('options', () => {
  const databases = { collection: 'x', kv: memoryKV(), vectors: memoryIndex() }
  const langChain = { embedDocuments: async () => [[1]], embedQuery: async () => [1] }

  it.each([
    [{ ...databases, index: { dims: 1, embeddings: langChain } }, 'index.model'],
    [{ ...databases, index: { dims: 0, embeddings: langChain, model: 'm' } }, 'index.dims'],
    [{ ...databases, index: { dims: 3, embeddings: fakeEmbedder() } }, 'index.dims'],
    [{ ...databases, index: { dims: 64, embeddings: fakeEmbedder(), model: 'm' } }, 'index.model'],
    [{ ...databases, index: { dims: 1, embeddings: {} } }, 'index.embeddings'],
    [{ collection: 'x', kv: memoryKV(), index: { dims: 64, embeddings: fakeEmbedder() } }, 'vectors'],
    [{ ...databases, ttl: { defaultTtl: -1 } }, 'ttl.defaultTtl'],
    [{ ...databases, ttl: { defaultTTL: 1 } }, 'ttl.defaultTTL'],
    [{ ...databases, ttl: { refreshOnRead: 'yes' } }, 'ttl.refreshOnRead'],
    [{ ...databases, unindexed: 'drop' }, 'unindexed'],
    [{ ...databases, visibility: 'never' }, 'visibility'],
    [{ store: {} }, 'store'],
    [{ store: { putMany() {} }, collection: 'x' }, 'collection'],
    [undefined, 'options'],
  ])('are checked at once: %#', (options, field) => {
    expect(() => new TandemStore(options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', field }),
    )
  })

  it('of operations that are none are refused', async () => {
    const { store } = await openStore(inMemory)
    const refused = { code: 'INVALID_ARGUMENT', field: 'options.mode' }
    const options = { mode: 'hybrid' } as never
    await expect(store.search(['n'], options)).rejects.toMatchObject(refused)
    await expect(store.get(['n'], 'k', options)).rejects.toMatchObject(refused)
    await expect(store.put(['n'], 'k', {}, undefined, options)).rejects.toMatchObject(refused)
    await store.stop()
  })

  it('without an index keep items that are not searched by meaning', async () => {
    const store = new TandemStore({ collection: 'plain', kv: memoryKV() })
    await store.put(['n'], 'a', { text: 'tea' })
    expect(keysOf(await store.search(['n'], { query: 'coffee' }))).toEqual(['a'])
    await store.stop()
  })

  it('may give an open store, which stays open', async () => {
    const { store: owner } = await openStore(inMemory)
    const given = await owner.tandem()
    const store = new TandemStore({ store: given })
    await given.put(['users', 'a@b.c'], 'k', { text: 'tea' }, { sync: 'wait' })
    expect(await store.batch([{ namespacePrefix: ['users', 'a@b.c'], query: 'tea' }])).toMatchObject([[{ key: 'k' }]])
    await store.stop()
    await expect(store.get(['n'], 'k')).rejects.toThrow(code('CLOSED'))
    expect(await given.get(['users', 'a@b.c'], 'k')).toBeDefined()
    await owner.stop()
    await owner.stop()
    await expect(owner.put(['n'], 'k', {})).rejects.toThrow(code('CLOSED'))
    await expect(owner.start()).rejects.toThrow(code('CLOSED'))
  })

  it('that cannot be opened fail each operation until they can', async () => {
    const kv = script(memoryKV())
    const store = new TandemStore({ collection: 'later', kv: kv.port })
    kv.on('open', fail(new StoreError('AUTHENTICATION', 'no')))
    await expect(store.start()).rejects.toThrow(code('AUTHENTICATION'))
    await store.put(['n'], 'a', {})
    expect(await store.get(['n'], 'a')).not.toBeNull()
    await store.stop()
  })
})

describe('words', () => {
  it('find what meaning alone does not put first', async () => {
    const store = new TandemStore({
      collection: 'words',
      kv: memoryKV(),
      vectors: memoryIndex(),
      index: { embeddings: fakeEmbedder(), fields: ['text'], keywords: true },
    })
    for (const code of [1041, 1042, 1043, 1044]) await store.put(['n'], String(code), { text: `Failed: ERR_${code}` })
    const [first, second] = await store.search(['n'], { query: 'what is ERR_1043 about' })
    expect(first?.key).toBe('1043')
    expect(first?.score).toBeGreaterThan(second?.score ?? 1)
    await store.stop()
  })
})
