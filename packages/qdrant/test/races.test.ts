import type { DocumentPoints, VectorSpace } from '@tandemstore/core/adapter'
import { describe, expect, test } from 'vitest'
import { documentOf, pointOf, versionAt } from './documents.js'
import { scratch, service, spaceOf } from './scratch.js'

const writers = ['000000000001', '7fffffffffff', 'ffffffffffff'] as const
const KEYS = 20
const ROUNDS = 30

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

describe.skipIf(service === undefined)(`races, on a Qdrant found by way of: ${service?.way}`, () => {
  const { index } = scratch('races')

  async function openTwice(name: string, count: number = writers.length): Promise<VectorSpace[]> {
    // Each index has a client of its own, as another process would.
    return Promise.all(Array.from({ length: count }, () => index().open(spaceOf({ name }))))
  }

  test('many that open one space at once all get it', async () => {
    const spaces = await openTwice('opened', 8)
    await Promise.all(spaces.map((space, i) => space.replace([documentOf(`k${i}`, versionAt(i))])))
    expect(await Promise.all(spaces.map((space) => space.count()))).toEqual(spaces.map(() => 8))
  })

  test('whatever order the writes of several writers arrive in, the highest version of each document stands', async () => {
    const spaces = await openTwice('ordered')
    const keys = Array.from({ length: KEYS }, (_, i) => `k${i}`)
    // The guard is for points that are there: an insert is not guarded.
    await (spaces[0] as VectorSpace).replace(keys.map((key) => documentOf(key, versionAt(0))))
    const vector = Float32Array.of(0, 1, 0, 0)
    await Promise.all(
      spaces.map(async (space, w) => {
        const ticks = shuffled(Array.from({ length: ROUNDS }, (_, i) => i + 1))
        for (const tick of ticks) {
          const version = versionAt(tick, writers[w])
          const documents = shuffled(keys).map((key): DocumentPoints => {
            const ref = { namespace: ['users', '42'], key }
            // Some with a new vector, some with new values only.
            const point = Math.random() < 0.5 ? pointOf(ref, 0, { vector }) : pointOf(ref, 0, { vector: undefined })
            return documentOf(key, version, { points: [point], values: { made: { strings: [version] } } })
          })
          expect(await space.replace(documents)).toEqual(documents.map(() => 'done'))
        }
      }),
    )
    const { points } = await (spaces[0] as VectorSpace).scan({ prefix: ['users'], limit: 1000 })
    const highest = versionAt(ROUNDS, 'ffffffffffff')
    expect(points.map(({ key, version }) => [key, version]).sort()).toEqual(keys.map((key) => [key, highest]).sort())
    // The values are those of the version: no point is made of two writes.
    const query = { vector, prefix: [], now: 0, limit: 1000 }
    const filter = { op: 'in', path: 'made', values: [highest] } as const
    expect((await (spaces[0] as VectorSpace).query({ ...query, filter })).matches).toHaveLength(KEYS)
  })

  test('the terms of the highest version stand too, whether vectors come with them or stay', async () => {
    const spaces = await Promise.all(writers.map(() => index().open(spaceOf({ name: 'words', terms: true }))))
    const [space] = spaces as [VectorSpace]
    const keys = Array.from({ length: KEYS }, (_, i) => `k${i}`)
    await space.replace(keys.map((key) => documentOf(key, versionAt(0))))
    const vector = Float32Array.of(0, 1, 0, 0)
    await Promise.all(
      spaces.map(async (each, w) => {
        for (const tick of shuffled(Array.from({ length: ROUNDS / 2 }, (_, i) => i + 1))) {
          const version = versionAt(tick, writers[w])
          const terms = { terms: ['all', version], weights: [1, 1] }
          const documents = shuffled(keys).map((key): DocumentPoints => {
            const rest = Math.random() < 0.5 ? { terms, vector } : { terms, vector: undefined }
            return documentOf(key, version, { points: [pointOf({ namespace: ['users', '42'], key }, 0, rest)] })
          })
          expect(await each.replace(documents)).toEqual(documents.map(() => 'done'))
        }
      }),
    )
    const highest = versionAt(ROUNDS / 2, 'ffffffffffff')
    for (const term of ['all', highest]) {
      const query = { terms: { terms: [term], weights: [1] }, prefix: [], now: 0, limit: 1000 }
      const { matches } = (await space.queryTerms?.(query)) ?? { matches: [] }
      expect(matches.map(({ key, version }) => [key, version]).sort()).toEqual(keys.map((key) => [key, highest]).sort())
    }
    const none = { terms: { terms: [versionAt(1, writers[0])], weights: [1] }, prefix: [], now: 0, limit: 10 }
    expect((await space.queryTerms?.(none))?.matches).toEqual([])
  })

  test('a document twice in one batch ends at its highest version, and each is told apart', async () => {
    const [space] = (await openTwice('twice', 1)) as [VectorSpace]
    const ref = { namespace: ['users', '42'], key: 'k' }
    const bare = { points: [pointOf(ref, 0, { vector: undefined })] }
    const results = await space.replace([
      documentOf('k', versionAt(1), bare),
      documentOf('k', versionAt(3)),
      documentOf('k', versionAt(2)),
      documentOf('k', versionAt(4), bare),
    ])
    expect(results).toEqual(['missing', 'done', 'done', 'done'])
    const [stored] = await space.get([pointOf(ref).id])
    expect(stored?.version).toBe(versionAt(4))
  })

  test('new values never reach a point of another text: it keeps its version until the vector comes', async () => {
    const [space] = (await openTwice('texts', 1)) as [VectorSpace]
    const ref = { namespace: ['users', '42'], key: 'k' }
    await space.replace([documentOf('k', versionAt(1), { points: [pointOf(ref, 0), pointOf(ref, 1)] })])
    const same = pointOf(ref, 0, { vector: undefined })
    const other = pointOf(ref, 1, { vector: undefined, hash: 'hash of another text' })
    expect(await space.replace([documentOf('k', versionAt(2), { points: [same, other] })])).toEqual(['missing'])
    const stored = await space.get([same.id, other.id])
    expect(stored.map((point) => [point?.version, point?.hash])).toEqual([
      [versionAt(2), 'hash'],
      [versionAt(1), 'hash'],
    ])
  })

  test('a search while documents are deleted and come again finds whole documents only', async () => {
    const [space] = (await openTwice('deleted', 1)) as [VectorSpace]
    const keys = Array.from({ length: KEYS * 5 }, (_, i) => `k${i}`)
    let tick = 0
    let left = ROUNDS
    const write = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        for (const gone of [false, true]) {
          tick += 1
          const version = versionAt(tick)
          await space.replace(keys.map((key) => documentOf(key, version, gone ? { points: [] } : {})))
        }
      }
    }
    const search = async (): Promise<void> => {
      const query = { vector: Float32Array.of(0, 1, 0, 0), prefix: [], now: 0, limit: 10 }
      while (left > 0)
        for (const { key, version } of (await space.query(query)).matches) {
          expect(keys).toContain(key)
          expect(version).toMatch(/^\d{16}-/)
        }
    }
    await Promise.all([write(), search(), search(), search()])
    expect(tick).toBe(ROUNDS * 2)
  })
})
