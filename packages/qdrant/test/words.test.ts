import type { DocumentPoints, Point, TermWeights, VectorSpace } from '@tandemstore/core/adapter'
import { describe, expect, test, vi } from 'vitest'
import { termHash } from '../src/terms.js'
import { documentOf, pointOf, versionAt } from './documents.js'
import { request } from './requests.js'
import { scratch, service, spaceOf } from './scratch.js'

interface Raw {
  readonly vector: boolean
  /** By the numbers that stand for terms. */
  readonly words: Record<number, number> | undefined
  readonly lacks: unknown
}

const ref = (key: string) => ({ namespace: ['users', '42'], key })

function weights(terms: Record<string, number>): TermWeights {
  return { terms: Object.keys(terms), weights: Object.values(terms) }
}

function hashed(terms: Record<string, number>): Record<number, number> {
  return Object.fromEntries(Object.entries(terms).map(([term, weight]) => [termHash(term), weight]))
}

function wordsOf(key: string, terms: Record<string, number>, rest: Partial<Point> = {}): Point {
  return pointOf(ref(key), 0, { hash: JSON.stringify(terms), terms: weights(terms), ...rest })
}

const idOf = (key: string): string => pointOf(ref(key)).id

describe.skipIf(service === undefined)(`terms, on a Qdrant found by way of: ${service?.way}`, () => {
  const { index, collection } = scratch('words')
  const withWords = (name: string) => spaceOf({ name, terms: true })

  /** What Qdrant has of some documents' first points, read past the adapter. */
  async function raw(name: string, keys: readonly string[]): Promise<Record<string, Raw>> {
    const body = { ids: keys.map(idOf), with_payload: true, with_vector: true }
    const { result } = await request('POST', `/collections/${collection(name)}/points`, body)
    const points = result as { payload: Record<string, unknown>; vector: Record<string, unknown> | number[] }[]
    return Object.fromEntries(
      points.map(({ payload, vector }) => {
        const words = (vector as { words?: { indices: number[]; values: number[] } }).words
        const made = {
          vector: Array.isArray(vector) || '' in vector,
          words: words && Object.fromEntries(words.indices.map((each, i) => [each, words.values[i] as number])),
          lacks: payload.lacks,
        }
        return [payload.key as string, made]
      }),
    )
  }

  async function found(space: VectorSpace, terms: Record<string, number>): Promise<string[]> {
    const result = await space.queryTerms?.({ terms: weights(terms), prefix: [], now: 0, limit: 100 })
    return (result?.matches ?? []).map(({ key }) => key)
  }

  test('are kept by number and weight, and none is left after an overwrite, a deletion and an expiry', async () => {
    const space = await index().open(withWords('raw'))
    const keys = ['a', 'b', 'c', 'd', 'e']
    const make = (key: string): DocumentPoints =>
      documentOf(key, versionAt(1), {
        points: [wordsOf(key, { one: 0.5, [key]: 2 })],
        ...(key === 'd' ? { expiresAt: 1000 } : {}),
        ...(key === 'e' ? { namespace: ['users', '43'] } : {}),
      })
    await space.replace(keys.map(make))
    expect((await raw('raw', ['a'])).a).toEqual({ vector: true, words: hashed({ one: 0.5, a: 2 }), lacks: undefined })
    await space.replace([
      documentOf('a', versionAt(2), { points: [wordsOf('a', { two: 1 })] }),
      documentOf('b', versionAt(2), { points: [wordsOf('b', { two: 1 }, { vector: null })] }),
      documentOf('c', versionAt(2), { points: [wordsOf('c', {})] }),
    ])
    await space.deleteExpired(1000)
    await space.deletePrefix(['users', '43'], versionAt(2))
    const terms = hashed({ two: 1 })
    expect(await raw('raw', keys)).toEqual({
      a: { vector: true, words: terms, lacks: undefined },
      b: { vector: false, words: terms, lacks: 'vector' },
      c: { vector: true, words: undefined, lacks: undefined },
    })
    expect(await found(space, { one: 1, a: 1, b: 1, c: 1, d: 1, e: 1 })).toEqual([])
    await space.replace(keys.map((key) => documentOf(key, versionAt(3), { points: [] })))
    expect(await raw('raw', keys)).toEqual({})
    expect(await found(space, { two: 1 })).toEqual([])
  })

  test('that were taken away and come again count once, and lead nowhere else', async () => {
    const space = await index().open(withWords('again'))
    await space.replace([documentOf('other', versionAt(1), { points: [wordsOf('other', { else: 1 })] })])
    for (const [i, term] of ['one', '', 'two', '', 'three'].entries()) {
      const points = [wordsOf('a', term === '' ? {} : { [term]: 1 })]
      await space.replace([documentOf('a', versionAt(i), { points })])
      for (const each of ['one', 'two', 'three'])
        expect(await found(space, { [each]: 1 })).toEqual(each === term ? ['a'] : [])
    }
  })

  test('score as the formula says, in single precision', async () => {
    const space = await index().open(withWords('scores'))
    const made = [{ x: 1.25, y: 0.3 }, { x: 0.01 }, { y: 2 }, { z: 1 }, { x: 3, y: 1, z: 7 }]
    await space.replace(
      made.map((terms, i) => documentOf(`k${i}`, versionAt(i), { points: [wordsOf(`k${i}`, terms as never)] })),
    )
    const asked: Record<string, number> = { x: 1, y: 2.5, absent: 1 }
    const rarity = (term: string) => {
      const having = made.filter((terms) => term in terms).length
      return Math.log(1 + (made.length - having + 0.5) / (having + 0.5))
    }
    const expected = made
      .map((terms, i) => ({
        key: `k${i}`,
        score: Object.entries(terms).reduce((sum, [term, at]) => sum + at * (asked[term] ?? 0) * rarity(term), 0),
      }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
    const result = await space.queryTerms?.({ terms: weights(asked), prefix: [], now: 0, limit: 10 })
    expect(result?.matches.map(({ key }) => key)).toEqual(expected.map(({ key }) => key))
    for (const [i, { score }] of (result?.matches ?? []).entries())
      expect(Math.abs(score / (expected[i]?.score as number) - 1)).toBeLessThan(1e-6)
  })

  test('of many new documents are inserted as those of few are written', async () => {
    const space = await index().open(withWords('many'))
    const documents = (expectedNew: boolean, tick: number, vector: Float32Array | null | undefined) =>
      Array.from({ length: 30 }, (_, i) => {
        const point = wordsOf(`k${i}`, { all: 1, [`only${i}`]: 1 })
        const given = vector === undefined ? point : { ...point, vector }
        return documentOf(`k${i}`, versionAt(tick), { points: [given], expectedNew })
      })
    const done = Array.from({ length: 30 }, () => 'done')
    expect(await space.replace(documents(true, 1, null))).toEqual(done)
    expect(await found(space, { only7: 1 })).toEqual(['k7'])
    expect(await found(space, { all: 1 })).toHaveLength(30)
    // The same version, now with vectors: what is there lacks them, so it does not count as inserted.
    expect(await space.replace(documents(true, 1, undefined))).toEqual(done)
    expect((await raw('many', ['k7'])).k7).toMatchObject({ vector: true, lacks: undefined })
    expect((await space.scan({ prefix: [], limit: 100 })).points.some(({ lacksVector }) => lacksVector)).toBe(false)
  })

  test('need a space that was opened with them', async () => {
    const space = await index().open(spaceOf({ name: 'without' }))
    const write = () => space.replace([documentOf('a', versionAt(1), { points: [wordsOf('a', { one: 1 })] })])
    await expect(write()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('terms') })
    expect(await space.count()).toBe(0)
    // None, said aloud, are taken; the vector of a point stays beside them.
    for (const vector of [Float32Array.of(0, 1, 0, 0), undefined]) {
      const points = [wordsOf('a', {}, { vector })]
      expect(await space.replace([documentOf('a', versionAt(2), { points })])).toEqual(['done'])
    }
    const query = { terms: weights({ one: 1 }), prefix: [], now: 0, limit: 1 }
    expect(await space.queryTerms?.(query)).toEqual({ matches: [], more: false })
  })

  test('stay where a process without them writes other values, and go with another text', async () => {
    const writer = await index().open(withWords('mixed'))
    const other = await index().open(spaceOf({ name: 'mixed' }))
    await writer.replace([documentOf('a', versionAt(1), { points: [wordsOf('a', { one: 1 })] })])
    const { terms: _, ...same } = wordsOf('a', { one: 1 }, { vector: Float32Array.of(0, 1, 0, 0) })
    expect(await other.replace([documentOf('a', versionAt(2), { points: [same] })])).toEqual(['done'])
    expect((await raw('mixed', ['a'])).a?.words).toEqual(hashed({ one: 1 }))
    expect(await found(other, { one: 1 })).toEqual(['a'])
    const point = { ...same, hash: 'of another text' }
    expect(await other.replace([documentOf('a', versionAt(3), { points: [point] })])).toEqual(['done'])
    expect((await raw('mixed', ['a'])).a?.words).toBeUndefined()
    expect(await found(writer, { one: 1 })).toEqual([])
  })

  test('a collection without vectors is no space with dimensions, and the other way about', async () => {
    await index().open(spaceOf({ name: 'alone', dimensions: undefined }))
    await index().open(spaceOf({ name: 'dense' }))
    for (const space of [spaceOf({ name: 'alone' }), spaceOf({ name: 'dense', dimensions: undefined })])
      await expect(index().open(space)).rejects.toMatchObject({ code: 'MODEL_MISMATCH' })
    await request('PUT', `/collections/${collection('foreign')}`, {
      vectors: { size: 4, distance: 'Cosine' },
      sparse_vectors: { words: {} },
    })
    await expect(index().open(withWords('foreign'))).rejects.toMatchObject({ code: 'MODEL_MISMATCH' })
  })

  // The engine alone optimizes nothing by itself.
  test.skipIf(service?.way === 'edge')('of points in an optimized segment follow their document too', async () => {
    const dimensions = 256
    const vector = (i: number) => Float32Array.from({ length: dimensions }, (_, at) => Math.sin(i * 31 + at) + 1.5)
    const space = await index({ optimizers: { indexing_threshold: 100 } }).open(
      spaceOf({ name: 'moved', dimensions, terms: true }),
    )
    const keys = Array.from({ length: 500 }, (_, i) => `k${i}`)
    const documents = keys.map((key, i) =>
      documentOf(key, versionAt(1), { points: [wordsOf(key, { one: 1, [key]: 1 }, { vector: vector(i) })] }),
    )
    await space.replace(documents)
    await vi.waitFor(
      async () => {
        const { result } = await request('GET', `/collections/${collection('moved')}`)
        expect((result as { indexed_vectors_count: number }).indexed_vectors_count).toBeGreaterThanOrEqual(500)
      },
      { timeout: 20_000 },
    )
    const point = (key: string, rest: Partial<Point>) => wordsOf(key, { two: 1 }, { vector: vector(1), ...rest })
    await space.replace([
      documentOf('k1', versionAt(2), { points: [point('k1', {})] }),
      documentOf('k2', versionAt(2), { points: [point('k2', { vector: null })] }),
      documentOf('k3', versionAt(2), { points: [point('k3', { terms: weights({}) })] }),
      documentOf('k4', versionAt(2), { points: [point('k4', { terms: undefined })] }),
      documentOf('k5', versionAt(2), {
        points: [wordsOf('k5', { one: 1, k5: 1 }, { vector: undefined, terms: weights({ two: 1 }) })],
      }),
    ])
    const words = hashed({ two: 1 })
    expect(await raw('moved', ['k1', 'k2', 'k3', 'k4', 'k5'])).toEqual({
      k1: { vector: true, words, lacks: undefined },
      k2: { vector: false, words, lacks: 'vector' },
      k3: { vector: true, words: undefined, lacks: undefined },
      k4: { vector: true, words: undefined, lacks: undefined },
      k5: { vector: true, words, lacks: undefined },
    })
    expect((await found(space, { two: 1 })).sort()).toEqual(['k1', 'k2', 'k5'])
    expect(await found(space, { k1: 1, k2: 1, k3: 1, k4: 1, k5: 1 })).toEqual([])
  })
})
