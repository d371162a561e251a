import { createStore, StoreError } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fakeEmbedder } from '@tandemstore/testkit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection, unavailable } from '../../src/errors.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'
import { always, outage } from '../../src/gate.ts'
import { fields } from '../../src/rig.ts'

const index = { fields, keywords: true } as const

describe.each(backendKinds)('a search by words, $name', (kind) => {
  const rig = useRig(kind, { index, leaseMs: 200 })
  const date = useFakeDate()

  beforeEach(() => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('finds an identifier among forty that look alike, in every mode that goes by words', async () => {
    const { store } = await rig.current.start()
    const tickets = Array.from({ length: 40 }, (_, i) => ({
      namespace: ['tickets'],
      key: `${1000 + i}`,
      value: { title: `Export stops with error ERR_${1000 + i}`, body: 'The file is not written, and a retry helps.' },
    }))
    await store.putMany(tickets, { sync: 'wait' })
    for (const mode of ['hybrid', 'keyword'] as const) {
      for (const { key } of tickets) {
        const [hit] = await store.search(['tickets'], { query: `ERR_${key}`, mode, limit: 3 })
        expect(hit?.document.key).toBe(key)
        expect(hit?.matched).toEqual({ field: 'title', part: 0, text: `Export stops with error ERR_${key}` })
      }
    }
  })

  test('a code that no document holds finds the others by what is everywhere, with low scores in every mode', async () => {
    const { store } = await rig.current.start()
    for (let n = 0; n < 30; n += 1) await store.put(['a'], `${n}`, { title: `ERR_${1000 + n}` })
    await store.flush()
    for (const mode of ['hybrid', 'keyword'] as const) {
      const hits = await store.search(['a'], { query: 'ERR_7777', mode })
      expect(hits.length).toBeGreaterThan(0)
      for (const { score, scores } of hits) {
        if (mode === 'keyword') expect(score).toBe(scores?.keyword)
        expect(score).toBeLessThan(0.6)
      }
    }
  })

  test('shows what each leg says, and which part matched', async () => {
    const { store } = await rig.current.start()
    await store.put(['a'], 'both', { title: 'sea', body: 'stone' }, { sync: 'wait' })
    await store.put(['a'], 'far', { title: 'land' }, { sync: 'wait' })
    const [both, far] = await store.search(['a'], { query: 'stone' })
    expect(both).toMatchObject({ score: 1, matched: { field: 'body', part: 0, text: 'stone' } })
    expect(both?.scores).toEqual({ vector: expect.closeTo(1, 5), keyword: expect.any(Number) })
    expect(far?.scores).toEqual({ vector: expect.any(Number) })
    expect(far?.score).toBeLessThan(0.5)
    const [word] = await store.search(['a'], { query: 'stone', mode: 'keyword' })
    expect(word).toMatchObject({ score: 1, scores: { keyword: expect.any(Number) } })
    const [near] = await store.search(['a'], { query: 'stone', mode: 'vector' })
    expect(near?.scores).toEqual({ vector: near?.score })
  })

  test('a vector beside the query is its vector: nothing is embedded', async () => {
    const { store, embedder } = await rig.current.start()
    await store.put(['a'], '1', { title: 'sea' }, { sync: 'wait' })
    const calls = embedder.callsOf('embed').length
    const hits = await store.search(['a'], { query: 'sea', vector: new Array(64).fill(0.125) })
    expect(hits[0]?.scores).toEqual({ vector: expect.any(Number), keyword: expect.any(Number) })
    expect(embedder.callsOf('embed')).toHaveLength(calls)
  })

  test('a query without a word goes by meaning alone, and by keyword finds nothing', async () => {
    const { store } = await rig.current.start()
    await store.put(['a'], '1', { title: 'sea' }, { sync: 'wait' })
    expect(await store.search(['a'], { query: '?!' })).toHaveLength(1)
    expect(await store.search(['a'], { query: '?!', mode: 'keyword' })).toEqual([])
  })

  test('no tenant is found by another, nor what the filter refuses, has expired or is deleted', async () => {
    const { store } = await rig.current.start()
    await store.put(['users', '1'], 'mine', { title: 'secret', lang: 'en' }, { sync: 'wait' })
    await store.put(['users', '10'], 'theirs', { title: 'secret', lang: 'en' }, { sync: 'wait' })
    await store.put(['users', '1'], 'foreign', { title: 'secret', lang: 'de' }, { sync: 'wait' })
    await store.put(['users', '1'], 'passing', { title: 'secret', lang: 'en' }, { sync: 'wait', ttlMs: 1000 })
    await store.put(['users', '1'], 'gone', { title: 'secret', lang: 'en' }, { sync: 'wait' })
    const found = async (): Promise<string[]> => {
      const keys: string[][] = []
      for (const mode of ['keyword', 'hybrid'] as const) {
        const hits = await store.search(['users', '1'], { query: 'secret', mode, filter: { lang: 'en' } })
        keys.push(hits.map(({ document }) => document.key).sort())
      }
      expect(keys[0]).toEqual(keys[1])
      return keys[0] ?? []
    }
    expect(await found()).toEqual(['gone', 'mine', 'passing'])
    date.pass(1000)
    expect(await found()).toEqual(['gone', 'mine'])
    await store.delete(['users', '1'], 'gone')
    expect(await found()).toEqual(['mine'])
    await store.flush()
    expect(await rig.current.raw.holders('secret')).toHaveLength(3)
  })

  test('finds the live document behind a thousand dead ones in few queries, and mends them', async () => {
    const { store, vectors } = await rig.current.start({ sync: 'manual' })
    const dead = Array.from({ length: 1000 }, (_, i) => ({
      namespace: ['a'],
      key: `dead${i}`,
      value: { title: 'sea sea' },
    }))
    await store.putMany(dead)
    await store.put(['a'], 'live', { title: 'a sea and many other words that say nothing' })
    await store.flush()
    const rows = await rig.current.raw.rows()
    await rig.current.raw.kv.delete(
      rows.filter(({ key }) => key !== 'live').map(({ namespace, key, version }) => ({ namespace, key, version })),
    )
    for (const mode of ['keyword', 'hybrid'] as const) {
      const hits = await store.search(['a'], { query: 'sea', mode, limit: 1 })
      expect(hits.map(({ document }) => document.key)).toEqual(['live'])
    }
    expect(vectors.callsOf('queryTerms').length).toBeLessThanOrEqual(24)
    await store.flush()
    await rig.current.expectWordsInTandem(['sea'])
  })

  test('a document that changed is given as it is, without the text that it had', async () => {
    const { store } = await rig.current.start()
    await store.put(['a'], '1', { title: 'sea' }, { sync: 'wait' })
    await store.put(['a'], '1', { title: 'land' }, { sync: 'manual' })
    const [hit] = await store.search(['a'], { query: 'sea', mode: 'keyword' })
    expect(hit).toMatchObject({ stale: true, document: { value: { title: 'land' } } })
    expect(hit?.matched).toEqual({ field: 'title', part: 0 })
  })

  test('shows the part of a long text that matched', async () => {
    const embedder = fakeEmbedder({ limits: { maxInputTokens: 10 } })
    const { store } = await rig.current.start({ embedder })
    const body = Array.from(
      { length: 30 },
      (_, i) => `Paragraph ${i} says q${'abcdefghij'[i % 10]}${'xyz'[i % 3]}.`,
    ).join('\n\n')
    await store.put(['a'], '1', { body }, { sync: 'wait' })
    const [hit] = await store.search(['a'], { query: 'qdz' })
    expect(hit?.matched.text).toContain('qdz')
    expect(body).toContain(hit?.matched.text)
    expect(hit?.matched.part).toBeGreaterThan(0)
    const [again] = await store.search(['a'], { query: 'qdz' })
    expect(again?.matched).toEqual(hit?.matched)
  })

  test('documents that no query finds follow, if they are asked for; those that only lack a vector are found', async () => {
    const { store, embedder } = await rig.current.start({ embedding: { retries: 0 } })
    const refusal = outage(() => new StoreError('EMBEDDING_FAILED', 'The text is refused'))
    embedder.on('embed', refusal.behaviour, { ...always, where: (texts) => texts.includes('bad sea') })
    store.on('indexFailed', () => {})
    await store.put(['a'], 'good', { title: 'sea' }, { sync: 'wait' })
    await store.put(['a'], 'textless', { other: 'sea' }, { sync: 'wait' })
    await rejection(store.put(['a'], 'refused', { title: 'bad sea' }, { sync: 'wait' }), 'EMBEDDING_FAILED')
    const found = async (mode: 'vector' | 'keyword' | 'hybrid'): Promise<[string, boolean][]> =>
      (await store.search(['a'], { query: 'sea', mode, unscored: 'append' })).map(({ document, score }) => [
        document.key,
        score !== undefined,
      ])
    expect(await found('hybrid')).toEqual([
      ['good', true],
      ['refused', true],
      ['textless', false],
    ])
    expect(await found('keyword')).toEqual([
      ['good', true],
      ['refused', true],
      ['textless', false],
    ])
    expect(await found('vector')).toEqual([
      ['good', true],
      ['refused', false],
      ['textless', false],
    ])
  })

  test('waits for writes that it is to see', async () => {
    const { store } = await rig.current.start()
    const receipt = await store.put(['a'], '1', { title: 'sea' })
    for (const mode of ['keyword', 'hybrid'] as const)
      expect(await store.search(['a'], { query: 'sea', mode, after: receipt })).toHaveLength(1)
  })

  describe('when the embedder is down', () => {
    async function startDown(error: () => Error = unavailable) {
      const process = await rig.current.start({ embedding: { retries: 3 } })
      await process.store.put(['a'], '1', { title: 'sea' }, { sync: 'wait' })
      const away = outage(error)
      process.embedder.on('embed', away.behaviour, always)
      const told = vi.fn()
      process.store.on('searchDegraded', told)
      return { ...process, mend: away.end, told }
    }

    test('a hybrid search answers by words after one attempt, says so once, and goes on as before when it is back', async () => {
      const { store, embedder, mend, told } = await startDown()
      const calls = embedder.callsOf('embed').length
      const hits = await store.search(['a'], { query: 'sea sky' })
      expect(hits).toMatchObject([{ degraded: 'keyword', scores: { keyword: hits[0]?.score } }])
      expect(hits[0]?.scores.vector).toBeUndefined()
      expect(embedder.callsOf('embed')).toHaveLength(calls + 1)
      await store.search(['a'], { query: 'sea fire' })
      expect(told).toHaveBeenCalledExactlyOnceWith({ error: expect.objectContaining({ code: 'UNAVAILABLE' }) })
      expect((await store.stats()).index?.degraded).toBe(2)
      mend()
      const [hit] = await store.search(['a'], { query: 'sea stone' })
      expect(hit?.degraded).toBeUndefined()
      expect(hit?.scores.vector).toBeDefined()
    })

    test('it stops asking an embedder that fails each time', async () => {
      const { store, embedder } = await startDown()
      for (let n = 0; n < 8; n += 1) await store.search(['a'], { query: `sea ${n}` })
      const calls = embedder.callsOf('embed').length
      expect(await store.search(['a'], { query: 'sea sea' })).toMatchObject([{ degraded: 'keyword' }])
      expect(embedder.callsOf('embed')).toHaveLength(calls)
    })

    test('degrade: false throws, after its attempts', async () => {
      const { store, embedder } = await startDown(() => new StoreError('AUTHENTICATION', 'The key is wrong'))
      await rejection(store.search(['a'], { query: 'sea sky', degrade: false }), 'AUTHENTICATION')
      expect(await store.search(['a'], { query: 'sea sky' })).toMatchObject([{ degraded: 'keyword' }])
      expect(embedder.callsOf('embed').length).toBeGreaterThan(1)
    })

    test('a query that is refused itself throws, and so does a search by meaning', async () => {
      const { store } = await startDown(() => new StoreError('EMBEDDING_FAILED', 'The text is refused'))
      await rejection(store.search(['a'], { query: 'sea sky' }), 'EMBEDDING_FAILED')
      await rejection(store.search(['a'], { query: 'sea sky', mode: 'vector' }), 'EMBEDDING_FAILED')
    })

    test.each([
      [
        'an error that is no StoreError',
        (): never => {
          throw new Error('boom: sea sky')
        },
      ],
      ['a vector that is none', () => ({ vectors: [new Array(64).fill(Number.NaN)] })],
      ['no vector at all', () => ({ vectors: [] })],
    ])('an embedder that gives %s has not refused the query', async (_, embed) => {
      const { store, embedder } = await rig.current.start({ embedding: { retries: 0 } })
      await store.put(['a'], '1', { title: 'sea' }, { sync: 'wait' })
      embedder.on('embed', embed, always)
      expect(await store.search(['a'], { query: 'sea sky' })).toMatchObject([{ degraded: 'keyword' }])
      await rejection(store.search(['a'], { query: 'sea sky', degrade: false }), 'EMBEDDING_FAILED')
    })

    test('an abort is an abort', async () => {
      const { store, embedder } = await startDown()
      const held = embedder.hold('embed')
      const abort = new AbortController()
      const searching = store.search(['a'], { query: 'sea far', signal: abort.signal })
      abort.abort()
      await rejection(searching, 'ABORTED')
      held.release()
    })

    test('a page that goes on after the embedder has died has no document twice', async () => {
      const { store, mend, embedder } = await startDown()
      mend()
      for (let n = 2; n < 20; n += 1) await store.put(['a'], `${n}`, { title: n % 2 ? 'sea' : 'land' })
      await store.flush()
      const first = await store.search(['a'], { query: 'sea', limit: 4 })
      expect(first.every(({ degraded }) => degraded === undefined)).toBe(true)
      expect(embedder.callsOf('embed').length).toBeGreaterThan(0)
      const rest = await store.search(['a'], { query: 'sea', limit: 100, cursor: first.cursor })
      const keys = [...first, ...rest].map(({ document }) => document.key)
      expect(new Set(keys).size).toBe(19)
    })
  })

  test('words come to a collection, and go, without anything being embedded again', async () => {
    const without = await rig.current.start({ index: { fields } })
    const documents = Array.from({ length: 50 }, (_, i) => ({
      namespace: [i < 20 ? 'a' : 'b'],
      key: `${i}`,
      value: { title: 'sea' },
    }))
    await without.store.putMany(documents, { sync: 'wait' })
    await rejection(without.store.search([], { query: 'sea', mode: 'keyword' }), 'NOT_SUPPORTED')
    await without.store.close()

    const first = await rig.current.start({ leaseMs: 100 })
    expect(await first.store.search([], { query: 'sea', mode: 'keyword' })).toEqual([])
    expect(await first.store.verify()).toMatchObject({ checked: 50, stale: 50, missing: 0 })
    expect(await first.store.verify({ prefix: ['a'], repair: true })).toMatchObject({ stale: 20, repaired: 20 })
    // It dies in the midst of the others.
    const held = first.vectors.hold('replace')
    void first.store.verify({ repair: true }).catch(() => {})
    await held.reached
    first.crash()
    date.pass(1000)

    const { store, embedder } = await rig.current.start({ leaseMs: 100 })
    expect((await store.search([], { query: 'sea', mode: 'keyword', limit: 100 })).length).toBeLessThan(50)
    await store.recover()
    await store.verify({ repair: true })
    expect(await store.search([], { query: 'sea', mode: 'keyword', limit: 100 })).toHaveLength(50)
    expect(await store.search([], { query: 'sea', mode: 'vector', limit: 100 })).toHaveLength(50)
    await rig.current.expectWordsInTandem(['sea'])
    expect(await store.verify()).toEqual({ checked: 50, stale: 0, missing: 0, orphaned: 0, repaired: 0 })
    for (const { embedder: each } of [first, { embedder }])
      expect(each.callsOf('embed').filter(([, { purpose }]) => purpose === 'document')).toEqual([])
    await store.close()

    const last = await rig.current.start({ index: { fields } })
    expect(await last.store.verify({ repair: true })).toMatchObject({ stale: 50, repaired: 50 })
    expect(await rig.current.raw.holders('sea')).toEqual([])
    expect(last.embedder.callsOf('embed')).toEqual([])
    expect(await last.store.search([], { query: 'sea', limit: 100 })).toHaveLength(50)
  })

  test('a change of the language is found and mended likewise', async () => {
    const plain = await rig.current.start()
    await plain.store.put(['a'], '1', { title: 'connections' }, { sync: 'wait' })
    expect(await plain.store.search(['a'], { query: 'connection', mode: 'keyword' })).toEqual([])
    await plain.store.close()
    const { store } = await rig.current.start({ index: { fields, keywords: { language: 'english' } } })
    expect(await store.verify({ repair: true })).toMatchObject({ stale: 1, repaired: 1 })
    expect(await store.search(['a'], { query: 'connection', mode: 'keyword' })).toHaveLength(1)
  })

  test('a payload-only update keeps words and vectors as they are stored', async () => {
    const { store, vectors, embedder } = await rig.current.start()
    await store.put(['a'], '1', { title: 'sea', n: 1 }, { sync: 'wait' })
    const calls = embedder.callsOf('embed').length
    await store.put(['a'], '1', { title: 'sea', n: 2 }, { sync: 'wait' })
    const [documents] = vectors.callsOf('replace').at(-1) ?? []
    expect(documents?.[0]?.points).toMatchObject([{ vector: undefined, terms: undefined }])
    expect(embedder.callsOf('embed')).toHaveLength(calls)
    await rig.current.expectWordsInTandem(['sea'])
    expect(await store.search(['a'], { query: 'sea', filter: { n: 2 } })).toHaveLength(1)
  })
})

describe.each(backendKinds)('a store of words alone, $name', (kind) => {
  const rig = useRig(kind)

  async function open(index: object = { fields: ['title', 'body'], keywords: true }) {
    const { kv, vectors } = rig.backend
    return createStore({ collection: rig.current.collection, kv, vectors, index })
  }

  test('finds by words, and has neither vectors nor an embedder', async () => {
    await using store = await open()
    expect(store.capabilities).toMatchObject({ searchable: true, modes: ['keyword'] })
    await store.put(['a'], '1', { title: 'sea', body: 'land' }, { sync: 'wait' })
    const hits = await store.search(['a'], { query: 'land' })
    expect(hits).toMatchObject([{ score: 1, matched: { field: 'body', text: 'land' } }])
    await rejection(store.search(['a'], { query: 'land', mode: 'hybrid' }), 'NOT_SUPPORTED')
    await rejection(store.search(['a'], { vector: [1] }), 'NOT_SUPPORTED')
    const error = await rejection(store.search(['a'], { query: 'land', vector: [1] }), 'INVALID_ARGUMENT')
    expect(error).toMatchObject({ field: 'options.vector', message: expect.stringContaining('by words alone') })
    const { space } = await store.health()
    expect(space).toEqual({ name: expect.any(String), complete: true, points: 2 })
    expect(await store.spaces()).toMatchObject([{ model: { provider: 'tandem', name: 'words' }, current: true }])
    expect((await store.spaces())[0]).not.toHaveProperty('dimensions')
    expect(await store.verify()).toMatchObject({ checked: 1, missing: 0, stale: 0, orphaned: 0 })
    expect((await store.stats()).embeddings).toBeUndefined()
    await store.put(['a'], '1', { title: 'sea', body: 'land', n: 1 }, { sync: 'wait' })
    await store.delete(['a'], '1')
    await store.flush()
    expect(await rig.current.raw.points()).toEqual([])
  })

  test('cuts long texts into passages', async () => {
    await using store = await open()
    const body = Array.from({ length: 2000 }, (_, i) => (i === 1500 ? 'needle' : 'hay and more hay')).join('. ')
    await store.put(['a'], '1', { body }, { sync: 'wait' })
    const [hit] = await store.search(['a'], { query: 'needle' })
    expect(hit?.matched?.text).toContain('needle')
    expect(hit?.matched?.text?.length).toBeLessThan(4000)
  })

  test('is another space than that of a model, which verify fills', async () => {
    await using words = await open()
    await words.put(['a'], '1', { title: 'sea' }, { sync: 'wait' })
    await words.close()
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { store } = await rig.current.start({ index, leaseMs: 100 })
    expect(await store.spaces()).toHaveLength(2)
    expect(await store.search(['a'], { query: 'sea', mode: 'keyword' })).toEqual([])
    await store.verify({ repair: true })
    expect(warned).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('by words as well'), expect.anything())
    warned.mockRestore()
    expect(await store.search(['a'], { query: 'sea' })).toHaveLength(1)
    await store.delete(['a'], '1')
    await store.flush()
    for (const name of await rig.current.raw.spaceNames()) expect(await rig.current.raw.points(name)).toEqual([])
  })
})

test('a hybrid search whose words fail does not wait for its query to be embedded', async () => {
  let asked: AbortSignal | undefined
  const vectors = memoryIndex()
  await using store = await createStore({
    collection: 'notes',
    kv: memoryKV(),
    vectors: {
      ...vectors,
      open: async (space, options) => ({
        ...(await vectors.open(space, options)),
        queryTerms: () => Promise.reject(new StoreError('INDEX_FAILED', 'It is broken')),
      }),
    },
    embedder: {
      ...fakeEmbedder(),
      embed: (_, { signal }) => {
        asked = signal
        return new Promise<never>((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason))
        })
      },
    },
    index,
  })
  await expect(store.search(['a'], { query: 'sea' })).rejects.toMatchObject({ code: 'INDEX_FAILED' })
  expect(asked?.aborted).toBe(true)
})

test('index.keywords needs an index that keeps terms', async () => {
  const vectors = memoryIndex()
  const other = { ...vectors, capabilities: { exact: true } }
  const options = { collection: 'c', kv: memoryKV(), vectors: other, embedder: fakeEmbedder() }
  const error = await rejection(createStore({ ...options, index: { keywords: true } }), 'CONFIGURATION')
  expect(error.message).toContain('index.keywords')
})

test.each<[string, object]>([
  ['index.keywords', { keywords: null }],
  ['index.keywords', { keywords: 'english' }],
  ['index.keywords.language', { keywords: { language: 'klingon' } }],
  ['index.keywords.languages', { keywords: { languages: ['english'] } }],
])('%s is refused: %j', async (field, options) => {
  const store = { collection: 'c', kv: memoryKV(), vectors: memoryIndex(), embedder: fakeEmbedder(), index: options }
  expect((await rejection(createStore(store as never), 'INVALID_ARGUMENT')).field).toBe(field)
})

test('index.keywords without vectors, and vectors with neither an embedder nor words, are refused', async () => {
  const kv = memoryKV()
  const alone = { collection: 'c', kv, index: { keywords: true } } as const
  expect((await rejection(createStore(alone), 'INVALID_ARGUMENT')).field).toBe('vectors')
  const noVectors = await rejection(createStore({ ...alone, embedder: fakeEmbedder() }), 'INVALID_ARGUMENT')
  expect(noVectors.field).toBe('vectors')
  expect(noVectors.message).toContain('embedder and index.keywords')
  const neither = { collection: 'c', kv, vectors: memoryIndex() }
  expect((await rejection(createStore(neither), 'INVALID_ARGUMENT')).field).toBe('embedder')
})

test('index.keywords: false means none', async () => {
  const options = { collection: 'c', kv: memoryKV(), vectors: memoryIndex(), index: { keywords: false } }
  await using store = await createStore({ ...options, embedder: fakeEmbedder() })
  expect(store.capabilities.modes).toEqual(['vector'])
  expect((await rejection(createStore(options), 'INVALID_ARGUMENT')).field).toBe('embedder')
})

test('a store without vectors says that it has none', async () => {
  await using store = await createStore({ collection: 'c', kv: memoryKV() })
  expect((await rejection(store.search([], { query: 'a' }), 'NOT_SUPPORTED')).message).toContain('VectorIndex')
})

test.each<[string, object]>([
  ['options.mode', { query: 'a', mode: 'words' }],
  ['options.mode', { mode: 'keyword' }],
  ['options.query', { vector: new Array(64).fill(1), mode: 'keyword' }],
  ['options.query', { vector: new Array(64).fill(1), mode: 'hybrid' }],
  ['options.vector', { query: 'a', vector: new Array(64).fill(1), mode: 'keyword' }],
  ['options.vector', { query: 'a', vector: new Array(64).fill(1), mode: 'vector' }],
  ['options.weights', { query: 'a', weights: { vector: 1 }, mode: 'vector' }],
  ['options.weights.vector', { query: 'a', weights: { vector: 0, keyword: 1 } }],
  ['options.weights.keyword', { query: 'a', weights: { keyword: -1 } }],
  ['options.weights.words', { query: 'a', weights: { words: 1 } }],
  ['options.degrade', { query: 'a', degrade: 'no' }],
])('a search refuses %s: %j', async (field, options) => {
  await using store = await createStore({
    collection: 'c',
    kv: memoryKV(),
    vectors: memoryIndex(),
    embedder: fakeEmbedder(),
    index: { keywords: true },
  })
  expect((await rejection(store.search([], options as never), 'INVALID_ARGUMENT')).field).toBe(field)
})
