import type { EmbeddingCache } from '@tandemstore/core/adapter'
import { embeddingCacheSuite } from '@tandemstore/testkit'
import { Keyv } from 'keyv'
import { describe, expect, it } from 'vitest'
import { keyvCache, tiered } from '../src/index.js'

/** A cache that answers at once, and notes the keys it was asked for. */
function mapCache(): EmbeddingCache & { readonly vectors: Map<string, Float32Array>; readonly asked: string[][] } {
  const vectors = new Map<string, Float32Array>()
  const asked: string[][] = []
  return {
    name: 'map',
    vectors,
    asked,
    getMany: (keys) => {
      asked.push([...keys])
      return keys.map((key) => vectors.get(key))
    },
    setMany: (entries) => {
      for (const [key, vector] of entries) vectors.set(key, vector)
    },
    clear: () => vectors.clear(),
    size: () => ({ entries: vectors.size }),
  }
}

function brokenCache(): EmbeddingCache {
  const fail = () => Promise.reject(new Error('broken'))
  return { name: 'broken', getMany: fail, setMany: fail, clear: fail, size: () => ({}) }
}

embeddingCacheSuite('tiered: a map before keyv', async () => ({
  cache: tiered(mapCache(), keyvCache({ keyv: new Keyv() })),
}))
embeddingCacheSuite('tiered: a broken cache before keyv', async () => ({
  cache: tiered(brokenCache(), keyvCache({ keyv: new Keyv() })),
}))
embeddingCacheSuite('tiered: keyv before a broken cache', async () => ({
  cache: tiered(keyvCache({ keyv: new Keyv() }), brokenCache()),
}))

const [a, b, c] = [Float32Array.of(1), Float32Array.of(2), Float32Array.of(3)] as const

describe('tiered', () => {
  it('asks each tier only for what is missing, and puts what it has into those before', async () => {
    const [first, second, third] = [mapCache(), mapCache(), mapCache()] as const
    const cache = tiered(first, second, third)
    first.vectors.set('a', a)
    second.vectors.set('b', b)
    third.vectors.set('c', c)
    expect(await cache.getMany(['c', 'a', 'none', 'b', 'c'])).toEqual([c, a, undefined, b, c])
    expect([second.asked, third.asked]).toEqual([[['c', 'none', 'b']], [['c', 'none']]])
    expect([...first.vectors.keys()].sort()).toEqual(['a', 'b', 'c'])
    expect([...second.vectors.keys()].sort()).toEqual(['b', 'c'])
    expect([...third.vectors.keys()]).toEqual(['c'])
  })

  it('answers at once where the first tier does and has everything', () => {
    const [first, second] = [mapCache(), mapCache()]
    const cache = tiered(first, second)
    first.vectors.set('a', a)
    expect(cache.getMany(['a', 'a'])).toEqual([a, a])
    expect(cache.getMany([])).toEqual([])
    expect(second.asked).toEqual([])
  })

  it('writes and clears every tier', async () => {
    const [first, second] = [mapCache(), mapCache()]
    const cache = tiered(first, second)
    await cache.setMany([['a', a]])
    expect([first.vectors.get('a'), second.vectors.get('a')]).toEqual([a, a])
    await cache.clear()
    expect([first.vectors.size, second.vectors.size]).toEqual([0, 0])
  })

  it('passes a broken tier over, and says so', async () => {
    const [working, broken] = [mapCache(), brokenCache()]
    const cache = tiered(working, broken)
    await cache.setMany([['a', a]])
    expect(await cache.getMany(['a', 'none'])).toEqual([a, undefined])
    expect(cache.failures()).toEqual([
      { name: 'map', count: 0, lastError: undefined },
      { name: 'broken', count: 2, lastError: new Error('broken') },
    ])
  })

  it('rejects where every tier is broken', async () => {
    const cache = tiered(brokenCache(), brokenCache())
    await expect(cache.getMany(['a'])).rejects.toThrow('broken')
    await expect(cache.setMany([['a', a]])).rejects.toThrow('broken')
    await expect(cache.clear()).rejects.toThrow('broken')
  })

  it('refuses what is no cache', () => {
    expect(() => tiered(mapCache(), undefined as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})
