import { StoreError } from '@tandemstore/core'
import { describe, expect, it } from 'vitest'
import { lruCache } from '../src/index.js'

const vector = (value: number, dimensions = 4) => new Float32Array(dimensions).fill(value)

describe('lruCache', () => {
  it('gives vectors in the order of the keys, undefined where there is none', () => {
    const cache = lruCache({ maxEntries: 10 })
    cache.setMany([
      ['a', vector(1)],
      ['b', vector(2)],
    ])
    expect(cache.getMany(['b', 'none', 'a', 'b'])).toEqual([vector(2), undefined, vector(1), vector(2)])
    expect(cache.getMany([])).toEqual([])
  })

  it('forgets the least recently used, and reading is use', () => {
    const cache = lruCache({ maxEntries: 2 })
    cache.setMany([
      ['a', vector(1)],
      ['b', vector(2)],
    ])
    cache.getMany(['a'])
    cache.setMany([['c', vector(3)]])
    expect(cache.getMany(['a', 'b', 'c'])).toEqual([vector(1), undefined, vector(3)])
    expect(cache.size()).toEqual({ entries: 2, bytes: 2 * (16 + 1), maxEntries: 2 })
  })

  it('bounds the bytes of vectors and keys', () => {
    const cache = lruCache({ maxBytes: 100 })
    for (let i = 0; i < 10; i++) cache.setMany([[`é${i}`, vector(i)]])
    // 16 bytes of vector and 3 of key each.
    expect(cache.size()).toEqual({ entries: 5, bytes: 95, maxBytes: 100 })
    expect(cache.getMany(['é4', 'é5', 'é9'])).toEqual([undefined, vector(5), vector(9)])
  })

  it('does not keep an entry larger than all its room, nor the one it would have replaced', () => {
    const cache = lruCache({ maxBytes: 100 })
    cache.setMany([
      ['a', vector(1)],
      ['b', vector(2)],
      ['a', vector(3, 100)],
    ])
    expect(cache.getMany(['a', 'b'])).toEqual([undefined, vector(2)])
    expect(cache.size()).toEqual({ entries: 1, bytes: 17, maxBytes: 100 })
  })

  it('replaces a vector and counts its bytes once', () => {
    const cache = lruCache({ maxEntries: 5 })
    const same = vector(1)
    cache.setMany([
      ['a', vector(1, 8)],
      ['a', same],
      ['a', same],
    ])
    expect(cache.getMany(['a'])).toEqual([same])
    expect(cache.size()).toMatchObject({ entries: 1, bytes: 17 })
    cache.clear()
    expect(cache.size()).toMatchObject({ entries: 0, bytes: 0 })
    expect(cache.getMany(['a'])).toEqual([undefined])
  })

  it('does not keep the buffer alive that a vector is a view of', () => {
    const cache = lruCache({ maxEntries: 5 })
    cache.setMany([['a', new Float32Array(1000).subarray(0, 4)]])
    expect(cache.getMany(['a'])[0]?.buffer.byteLength).toBe(16)
  })

  it('takes a bound far above what memory holds', () => {
    const cache = lruCache({ maxEntries: 1e12 })
    cache.setMany([['a', vector(1)]])
    expect(cache.size()).toMatchObject({ entries: 1, maxEntries: 1e12 })
  })

  it.each([
    [{}, 'options'],
    [undefined, 'options'],
    [{ maxEntries: 1, maxBytes: 1 }, 'options'],
    [{ maxEntries: 0 }, 'maxEntries'],
    [{ maxEntries: 1.5 }, 'maxEntries'],
    [{ maxEntries: Number.POSITIVE_INFINITY }, 'maxEntries'],
    [{ maxBytes: -1 }, 'maxBytes'],
    [{ maxBytes: '10' }, 'maxBytes'],
  ])('refuses %j', (options, field) => {
    const error = (() => {
      try {
        return lruCache(options as never)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(StoreError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', field })
  })
})
