import { hash } from 'node:crypto'
import { createStore } from '@tandemstore/core'
import type { Embedder, EmbeddingCache, VectorMatch, VectorSpace } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { LRUCache } from 'lru-cache'
import { createEmbeddingPipeline } from '../dist/embedding/pipeline.js'
import { embedMany } from '../test/embedding/fake-embedder.ts'
import { compare, type Measurement, measurement, timed } from './measure.ts'
import { seeded } from './random.ts'

const DOCUMENTS = 20_000
const SEARCHES = 1000
/** What a put costs beside the vectors. */
const DIMENSIONS = 8
/** As those of small models: a search does nothing but compare vectors, so they have to be as long as in earnest. */
const SEARCH_DIMENSIONS = 384

/**
 * As sections of documentation are, which is what a store like this is filled with: a good 1,000 characters and a few
 * fields about them.
 */
const texts = Array.from(
  { length: DOCUMENTS },
  (_, i) => `Section ${i}. ${'It has about as many words as a section of real documentation has. '.repeat(16)}`,
)
const documents = texts.map((text, i) => ({
  namespace: ['bench', String(i % 10)],
  key: `section-${i}`,
  value: {
    title: `Number ${i}`,
    text,
    path: `/guide/chapter-${i % 40}#section-${i}`,
    tags: ['guide', `chapter-${i % 40}`],
    lang: 'en',
    year: 2000 + (i % 25),
  },
}))

/** An embedder that takes no time. Its vectors are made beforehand. */
function instantEmbedder(dimensions: number): Embedder {
  const random = seeded(dimensions)
  const vectors = Array.from({ length: 1000 }, () => Float32Array.from({ length: dimensions }, () => random() - 0.5))
  let next = 0
  return {
    model: { provider: 'bench', name: 'instant' },
    dimensions,
    limits: { maxInputs: 100, maxConcurrency: 5 },
    embed: (batch) => ({ vectors: batch.map(() => vectors[next++ % vectors.length] as Float32Array) }),
  }
}

/** Validation as anybody would write it. */
function validate(value: unknown, path = ''): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed() || value.includes('\0')) throw new TypeError(path)
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(path)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) validate(inner, `${path}.${name}`)
  } else if (typeof value !== 'boolean' && value !== null) throw new TypeError(path)
}

/** The core's own cost, where embedder and databases cost next to nothing. */
export async function measureOwnCost(rounds: number): Promise<Measurement[]> {
  return [await putCost(rounds), await searchCost(rounds), await cacheHitCost(rounds)]
}

async function putCost(rounds: number): Promise<Measurement> {
  const tandem = async (): Promise<number> => {
    const store = await createStore({
      collection: 'bench',
      kv: memoryKV(),
      vectors: memoryIndex(),
      embedder: instantEmbedder(DIMENSIONS),
      index: { fields: ['text'] },
    })
    const ms = await timed(async () => {
      const { indexed } = await store.putMany(documents)
      await indexed
    })
    await store.close()
    return (ms * 1000) / DOCUMENTS
  }
  const bare = async (): Promise<number> => {
    const stored = new Map<string, { readonly value: unknown; readonly hash: string }>()
    const ms = await timed(() => {
      for (const { namespace, key, value } of documents) {
        validate(value)
        stored.set(JSON.stringify([namespace, key]), {
          value: structuredClone(value),
          hash: hash('sha256', value.text, 'base64url'),
        })
      }
    })
    return (ms * 1000) / DOCUMENTS
  }
  return measurement('putMany, instant embedder', await compare(rounds, tandem, bare), 'µs/document', { atMost: 4 })
}

async function searchCost(rounds: number): Promise<Measurement> {
  const kv = memoryKV()
  const vectors = memoryIndex()
  let space: VectorSpace | undefined
  const watched = {
    ...vectors,
    open: async (...args: Parameters<typeof vectors.open>) => {
      space = await vectors.open(...args)
      return space
    },
  }
  const store = await createStore({
    collection: 'bench',
    kv,
    vectors: watched,
    embedder: instantEmbedder(SEARCH_DIMENSIONS),
    index: { fields: ['text'] },
  })
  const { indexed } = await store.putMany(documents.slice(0, 2000))
  await indexed
  const collection = await kv.open('bench')
  const random = seeded(1)
  const vector = Float32Array.from({ length: SEARCH_DIMENSIONS }, () => random() - 0.5)
  const tandem = async (): Promise<number> => {
    const ms = await timed(async () => {
      for (let i = 0; i < SEARCHES; i += 1) await store.search(['bench', String(i % 10)], { vector, limit: 10 })
    })
    return (ms * 1000) / SEARCHES
  }
  const bare = async (): Promise<number> => {
    const ms = await timed(async () => {
      for (let i = 0; i < SEARCHES; i += 1) {
        const found = await (space as VectorSpace).query({
          vector,
          prefix: ['bench', String(i % 10)],
          now: Date.now(),
          limit: 10,
        })
        const rows = await collection.get(found.matches.map(({ namespace, key }: VectorMatch) => ({ namespace, key })))
        for (const row of rows) JSON.parse((row as NonNullable<typeof row>).value)
      }
    })
    return (ms * 1000) / SEARCHES
  }
  const result = measurement('search among 2,000', await compare(rounds, tandem, bare), 'µs/search', { atMost: 1.3 })
  await store.close()
  return result
}

async function cacheHitCost(rounds: number): Promise<Measurement> {
  const lru = new LRUCache<string, Float32Array>({ max: DOCUMENTS * 2 })
  const cache: EmbeddingCache = {
    name: 'bench',
    getMany: (keys) => keys.map((key) => lru.get(key)),
    setMany: (entries) => {
      for (const [key, value] of entries) lru.set(key, value)
    },
    clear: () => lru.clear(),
    size: () => ({ entries: lru.size }),
  }
  const pipeline = createEmbeddingPipeline({ embedder: instantEmbedder(DIMENSIONS), dimensions: DIMENSIONS, cache })
  await embedMany(pipeline, texts, 'document')
  for (const text of texts) lru.set(hash('sha256', text, 'base64url'), new Float32Array(DIMENSIONS))
  const tandem = async (): Promise<number> => {
    const ms = await timed(async () => {
      for (const text of texts) {
        const found = pipeline.embed(text, 'document')
        if (found instanceof Promise) await found
      }
    })
    return (ms * 1000) / DOCUMENTS
  }
  const bare = async (): Promise<number> => {
    const ms = await timed(() => {
      for (const text of texts)
        if (lru.get(hash('sha256', text, 'base64url')) === undefined) throw new Error('not cached')
    })
    return (ms * 1000) / DOCUMENTS
  }
  const result = measurement('cache hit', await compare(rounds, tandem, bare), 'µs/text', { atMost: 2 })
  await pipeline.close()
  return result
}
