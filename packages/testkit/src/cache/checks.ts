import type { EmbeddingCache } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import { type Check, uniqueName } from '../shared/check.js'
import { awkwardTexts } from '../shared/texts.js'

export interface CacheContext {
  readonly cache: EmbeddingCache
  /** A key that no other check uses. */
  key(name: string): string
}

export function cacheContext(cache: EmbeddingCache): CacheContext {
  const start = uniqueName('c')
  return { cache, key: (name) => `${start}:${name}` }
}

/** Bit for bit: toEqual would take -0 for 0. */
function expectSame(found: Float32Array | undefined, expected: Float32Array): void {
  expect(found).toBeInstanceOf(Float32Array)
  const bits = (vector: Float32Array) => new Uint32Array(vector.slice().buffer)
  expect(bits(found as Float32Array)).toEqual(bits(expected))
}

function vectorOf(...values: number[]): Float32Array {
  return Float32Array.from(values)
}

export const cacheChecks: readonly Check<CacheContext>[] = [
  {
    name: 'an empty input gives an empty result',
    async run({ cache }) {
      expect(await cache.getMany([])).toEqual([])
      await cache.setMany([])
    },
  },
  {
    name: 'the vectors come in the order of the keys, undefined where there is none, and one asked for twice twice',
    async run({ cache, key }) {
      await cache.setMany([
        [key('a'), vectorOf(1, 2)],
        [key('b'), vectorOf(3, 4)],
      ])
      const found = await cache.getMany([key('b'), key('none'), key('a'), key('b')])
      expect(found).toHaveLength(4)
      expect(found[1]).toBeUndefined()
      expectSame(found[0], vectorOf(3, 4))
      expectSame(found[2], vectorOf(1, 2))
      expectSame(found[3], vectorOf(3, 4))
    },
  },
  {
    name: 'a key that is there takes the new vector, also within one call',
    async run({ cache, key }) {
      await cache.setMany([[key('a'), vectorOf(1, 2, 3)]])
      await cache.setMany([[key('a'), vectorOf(4)]])
      expectSame((await cache.getMany([key('a')]))[0], vectorOf(4))
      await cache.setMany([
        [key('a'), vectorOf(5)],
        [key('a'), vectorOf(6)],
      ])
      expectSame((await cache.getMany([key('a')]))[0], vectorOf(6))
    },
  },
  {
    name: 'every 32-bit float comes back as it was',
    async run({ cache, key }) {
      const vector = vectorOf(
        0,
        -0,
        1,
        -1,
        0.1,
        1 / 3,
        3.4028234663852886e38,
        -3.4028234663852886e38,
        1e-45,
        1.1754943508222875e-38,
        16777217,
      )
      await cache.setMany([[key('a'), vector]])
      expectSame((await cache.getMany([key('a')]))[0], vector)
    },
  },
  {
    name: 'a vector that is a window on a larger buffer is kept as the window',
    async run({ cache, key }) {
      const whole = Float32Array.from({ length: 300 }, (_, i) => i / 7)
      await cache.setMany([
        [key('first'), whole.subarray(0, 100)],
        [key('middle'), whole.subarray(100, 200)],
      ])
      const [first, middle] = await cache.getMany([key('first'), key('middle')])
      expectSame(first, whole.slice(0, 100))
      expectSame(middle, whole.slice(100, 200))
    },
  },
  {
    name: 'large vectors and 500 keys at once are kept',
    async run({ cache, key }) {
      const large = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i))
      await cache.setMany([[key('large'), large]])
      expectSame((await cache.getMany([key('large')]))[0], large)
      const entries = Array.from({ length: 500 }, (_, i) => [key(`k${i}`), vectorOf(i, i + 0.5)] as const)
      await cache.setMany(entries)
      const found = await cache.getMany(entries.map(([each]) => each))
      for (const [i, [, vector]] of entries.entries()) expectSame(found[i], vector)
    },
  },
  {
    name: 'keys are told apart character by character, also long ones',
    async run({ cache, key }) {
      const long = 'x'.repeat(200)
      const keys = [...awkwardTexts, `${long}a`, `${long}b`].map(key)
      await cache.setMany(keys.map((each, i) => [each, vectorOf(i)]))
      const found = await cache.getMany(keys)
      for (const i of keys.keys()) expectSame(found[i], vectorOf(i))
    },
  },
  {
    name: 'calls at the same time do not mix',
    async run({ cache, key }) {
      const names = Array.from({ length: 20 }, (_, i) => key(`k${i}`))
      await Promise.all(names.map(async (name, i) => cache.setMany([[name, vectorOf(i)]])))
      const found = await Promise.all(names.map(async (name) => cache.getMany([name])))
      for (const [i, [vector]] of found.entries()) expectSame(vector, vectorOf(i))
    },
  },
  {
    name: 'size tells no more than is true, and clear forgets everything',
    async run({ cache, key }) {
      await cache.clear()
      const empty = await cache.size()
      expect(empty.entries ?? 0).toBe(0)
      await cache.setMany([
        [key('a'), vectorOf(1)],
        [key('b'), vectorOf(2)],
      ])
      const { entries, maxEntries, bytes, maxBytes } = await cache.size()
      if (entries !== undefined) expect(entries).toBe(2)
      if (bytes !== undefined) expect(bytes).toBeGreaterThan(0)
      if (maxEntries !== undefined) expect(entries ?? 0).toBeLessThanOrEqual(maxEntries)
      if (maxBytes !== undefined) expect(bytes ?? 0).toBeLessThanOrEqual(maxBytes)
      await cache.clear()
      expect(await cache.getMany([key('a'), key('b')])).toEqual([undefined, undefined])
      await cache.setMany([[key('a'), vectorOf(3)]])
      expectSame((await cache.getMany([key('a')]))[0], vectorOf(3))
    },
  },
]
