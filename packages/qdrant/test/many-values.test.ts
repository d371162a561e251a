import { createStore, type FilterInput } from '@tandemstore/core'
import type { VectorSpace } from '@tandemstore/core/adapter'
import { memoryKV } from '@tandemstore/core/memory'
import { fakeEmbedder } from '@tandemstore/testkit'
import { describe, expect, test } from 'vitest'
import { type QdrantClientLike, qdrant } from '../src/index.js'
import { documentOf, pointOf, versionAt } from './documents.js'
import { scratch, service, spaceOf } from './scratch.js'

/** A document of so many readings: as many texts to embed, and values to filter by. */
const readings = (rows: number) => ({
  rows: Array.from({ length: rows }, (_, i) => ({ id: `sensor-${i}`, v: i * 1.1, note: `note number ${i}` })),
})

/** How many bytes of JSON go to Qdrant for one document. */
async function sentFor(rows: number): Promise<number> {
  let bytes = 0
  const client = {
    versionInfo: async () => ({ version: '1.18.0' }),
    collectionExists: async () => ({ exists: true }),
    getCollection: async () => ({
      config: { params: { vectors: { size: 64, distance: 'Cosine' } } },
      payload_schema: {},
    }),
    createPayloadIndex: async () => ({}),
    retrieve: async () => [],
    scroll: async () => ({ points: [] }),
    batchUpdate: async (_: string, { operations }: { operations: unknown[] }) => {
      bytes += JSON.stringify(operations).length
      return operations.map(() => ({ status: 'completed' }))
    },
  } as unknown as QdrantClientLike
  const embedder = fakeEmbedder({ limits: { maxInputTokens: 256 } })
  const store = await createStore({ collection: 'n', kv: memoryKV(), vectors: qdrant({ client }), embedder })
  await store.put(['a'], 'k', readings(rows), { sync: 'wait' })
  await store.close()
  return bytes
}

test('what is sent for a document grows with its size, and not with the square of it', async () => {
  const [small, large] = [await sentFor(1000), await sentFor(8000)]
  expect(large / small).toBeLessThan(12)
  // The document has about 510 kB.
  expect(large).toBeLessThan(10_000_000)
}, 60_000)

describe.skipIf(service === undefined)(`documents of many values, on Qdrant, found by way of: ${service?.way}`, () => {
  const { index } = scratch('many')

  /** Values that points may carry, and ones that they may not. */
  const few = { lang: { strings: ['de'] } }
  const many = { lang: { strings: ['de', ...Array.from({ length: 2000 }, (_, i) => `word ${i}`)] } }
  const ref = { namespace: ['users', '42'], key: 'k' }
  const points = Array.from({ length: 100 }, (_, part) => pointOf(ref, part))
  const bare = points.map((point) => ({ ...point, vector: undefined }))

  async function found(space: VectorSpace, value: string, negated = false): Promise<(boolean | undefined)[]> {
    const is = { op: 'in', path: 'lang', values: [value] } as const
    const filter = negated ? ({ op: 'not', filter: is } as const) : is
    const query = { vector: Float32Array.of(1, 0, 0, 0), prefix: [], now: 0, limit: 10, filter }
    return (await space.query(query)).matches.map(({ unchecked }) => unchecked)
  }

  test('are let through by every filter, and marked; others are compared with it', async () => {
    const space = await index().open(spaceOf({ name: 'marked' }))
    await space.replace([documentOf('k', versionAt(1), { points, values: many })])
    for (const negated of [false, true]) {
      expect(await found(space, 'de', negated)).toEqual([true])
      expect(await found(space, 'fr', negated)).toEqual([true])
    }
    // A new payload for the vectors that are there, which are few values now, and many again.
    expect(await space.replace([documentOf('k', versionAt(2), { points: bare, values: few })])).toEqual(['done'])
    expect([await found(space, 'de'), await found(space, 'fr')]).toEqual([[undefined], []])
    expect([await found(space, 'de', true), await found(space, 'fr', true)]).toEqual([[], [undefined]])
    expect(await space.replace([documentOf('k', versionAt(3), { points: bare, values: many })])).toEqual(['done'])
    expect([await found(space, 'de'), await found(space, 'fr')]).toEqual([[true], [true]])
  })

  test('are found by what they hold, and by nothing else', async () => {
    const store = await createStore({
      collection: 'many_values',
      kv: memoryKV(),
      vectors: index(),
      embedder: fakeEmbedder({ limits: { maxInputTokens: 64 } }),
    })
    await store.put(['a'], 'large', readings(2000), { sync: 'wait' })
    await store.put(['a'], 'small', readings(2), { sync: 'wait' })
    const keys = async (filter: FilterInput<Record<string, unknown>>) => {
      const hits = await store.search(['a'], { query: 'note number', filter })
      return hits.map(({ document }) => document.key).sort()
    }
    expect(await keys({ 'rows[*].id': 'sensor-1' })).toEqual(['large', 'small'])
    expect(await keys({ 'rows[*].id': 'sensor-1999' })).toEqual(['large'])
    expect(await keys({ 'rows[*].id': 'sensor-2000' })).toEqual([])
    expect(await keys({ $not: { 'rows[*].id': 'sensor-1999' } })).toEqual(['small'])
    expect(await keys({ 'rows[*].v': { $gt: 2000 } })).toEqual(['large'])
    await store.close()
  })
})
