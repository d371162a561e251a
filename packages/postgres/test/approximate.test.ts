import { type DocumentPoints, formatVersion, type VectorSpace } from '@tandemstore/core/adapter'
import pg from 'pg'
import { beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { type Database, onServer } from './databases.js'

const server = inject('postgres')
const POINTS = 6000
const DIMENSIONS = 48
const version = formatVersion(1, 'aaaaaaaaaaaa')

/** Numbers in [-1, 1) that are the same on every run (the linear congruential generator of Numerical Recipes). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}

/** Vectors around 40 centres, as those of texts are around subjects. */
function vectorsAround(count: number, dimensions: number, seed: number): Float32Array[] {
  const centres = numbers(1)
  const middle = Array.from({ length: 40 }, () => Float32Array.from({ length: dimensions }, centres))
  const next = numbers(seed)
  return Array.from({ length: count }, (_, i) =>
    (middle[i % middle.length] as Float32Array).map((each) => each + 0.5 * next()),
  )
}

function documentOf(i: number, vector: Float32Array): DocumentPoints {
  const id = `00000000-0000-5000-8000-${String(i).padStart(12, '0')}`
  return {
    namespace: ['n', i % 600 === 0 ? 'small' : 'large'],
    key: `k${i}`,
    version,
    values: { rare: { booleans: [i % 500 === 0] } },
    fingerprint: 'f',
    points: [{ id, field: '$', part: 0, hash: 'h', vector }],
  }
}

async function fill(space: VectorSpace, vectors: readonly Float32Array[]): Promise<void> {
  for (let i = 0; i < vectors.length; i += 250)
    await space.replace(vectors.slice(i, i + 250).map((vector, j) => documentOf(i + j, vector)))
}

describe.skipIf(server === undefined)('approximate search on a server', () => {
  let database: Database
  let approximate: VectorSpace
  let exact: VectorSpace
  const definition = { name: 'a', dimensions: DIMENSIONS, metric: 'cosine', filterable: { rare: 'boolean' } } as const
  beforeAll(async () => {
    database = await onServer()
    approximate = await database.another({ search: 'approximate' }).vectors.open(definition)
    exact = await database.vectors.open(definition)
    await fill(approximate, vectorsAround(POINTS, DIMENSIONS, 2))
    return async () => {
      await approximate.close()
      await exact.close()
      await database.cleanup()
    }
  })

  async function administrator(): Promise<pg.Client> {
    const client = new pg.Client(server?.url)
    await client.connect()
    onTestFinished(() => client.end())
    return client
  }

  test('nearly all of the nearest are found, with scores that are exact, and by the index', async () => {
    let found = 0
    const queries = vectorsAround(30, DIMENSIONS, 3)
    for (const vector of queries) {
      const query = { vector, prefix: ['n'], now: 0, limit: 10 }
      const [some, all] = [await approximate.query(query), await exact.query(query)]
      expect(some.matches).toHaveLength(10)
      expect(some.more).toBe(true)
      const best = new Map(all.matches.map(({ key, score }) => [key, score]))
      for (const { key, score } of some.matches) {
        if (best.has(key)) expect(score).toBeCloseTo(best.get(key) as number, 5)
        if (best.has(key)) found += 1
      }
    }
    expect(found / (queries.length * 10)).toBeGreaterThanOrEqual(0.95)
  })

  test('the index of vectors is what a search goes by', async () => {
    const admin = await administrator()
    const scans = async (): Promise<number> => {
      const { rows } = await admin.query(
        `SELECT coalesce(sum(pg_stat_get_numscans(c.oid)), 0)::integer AS n FROM pg_class c JOIN pg_am a ON a.oid = c.relam
         WHERE a.amname = 'hnsw'`,
      )
      return rows[0].n
    }
    const before = await scans()
    const [vector] = vectorsAround(1, DIMENSIONS, 6)
    for (let i = 0; i < 5; i += 1)
      await approximate.query({ vector: vector as Float32Array, prefix: [], now: 0, limit: 10 })
    // The numbers of a connection are told when it has been idle, or ends.
    await approximate.close()
    await vi.waitFor(async () => expect(await scans()).toBeGreaterThan(before), { timeout: 10_000 })
    approximate = await database.another({ search: 'approximate' }).vectors.open(definition)
  })

  test('what a filter or a prefix leaves is found whole, however few it is', async () => {
    for (const vector of vectorsAround(5, DIMENSIONS, 4)) {
      const filter = { op: 'in', path: 'rare', values: [true] } as const
      const byFilter = { vector, prefix: [], filter, now: 0, limit: 10 }
      expect((await approximate.query(byFilter)).matches).toEqual((await exact.query(byFilter)).matches)
      const byPrefix = { vector, prefix: ['n', 'small'], now: 0, limit: 10 }
      const { matches, more } = await approximate.query(byPrefix)
      expect(matches.map(({ key }) => key)).toEqual((await exact.query(byPrefix)).matches.map(({ key }) => key))
      expect([matches.length, more]).toEqual([10, false])
    }
  })

  test.each([2500, 4001])('vectors of %i dimensions are found', async (dimensions) => {
    const { vectors } = database.another({ search: 'approximate' })
    const space = await vectors.open({ name: `d${dimensions}`, dimensions, metric: 'euclidean', filterable: {} })
    const made = vectorsAround(60, dimensions, 5)
    await fill(space, made)
    const { matches } = await space.query({ vector: made[7] as Float32Array, prefix: [], now: 0, limit: 3 })
    expect(matches[0]).toMatchObject({ key: 'k7', score: 0 })
    await space.drop()
  })
})
