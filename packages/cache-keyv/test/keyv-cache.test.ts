import { embeddingCacheSuite } from '@tandemstore/testkit'
import { Keyv } from 'keyv'
import { Keyv as KeyvV5 } from 'keyv-v5'
import { describe, expect, it, vi } from 'vitest'
import { keyvCache } from '../src/index.js'
import { decodeVector, encodeVector } from '../src/vector-text.js'

embeddingCacheSuite('keyv, in a namespace', async () => ({
  cache: keyvCache({ keyv: new Keyv({ namespace: 'vectors' }) }),
}))
embeddingCacheSuite('keyv, without serialization', async () => ({
  cache: keyvCache({ keyv: new Keyv({ serialization: false }), ttlMs: 60_000 }),
}))
embeddingCacheSuite('keyv 5', async () => ({ cache: keyvCache({ keyv: new KeyvV5({ namespace: 'vectors' }) }) }))

const vector = Float32Array.of(1, -2.5, 1e-45)

describe('keyvCache', () => {
  it('shares vectors between caches on one store, and clears only its own namespace', async () => {
    const store = new Map<string, unknown>()
    const on = (namespace: string) => keyvCache({ keyv: new Keyv({ store, namespace }) })
    await on('a').setMany([['key', vector]])
    await on('b').setMany([['key', vector]])
    await on('a').clear()
    expect(await on('a').getMany(['key'])).toEqual([undefined])
    expect(await on('b').getMany(['key'])).toEqual([vector])
  })

  it('keeps a vector for its time to live', async () => {
    vi.useFakeTimers({ now: 1_000_000 })
    try {
      const cache = keyvCache({ keyv: new Keyv(), ttlMs: 1000 })
      await cache.setMany([['key', vector]])
      vi.advanceTimersByTime(999)
      expect(await cache.getMany(['key'])).toEqual([vector])
      vi.advanceTimersByTime(2)
      expect(await cache.getMany(['key'])).toEqual([undefined])
    } finally {
      vi.useRealTimers()
    }
  })

  it('stores few bytes for each number', async () => {
    const keyv = new Keyv()
    await keyvCache({ keyv }).setMany([['key', Float32Array.from({ length: 384 }, (_, i) => Math.sin(i))]])
    expect(String(await keyv.get('key')).length).toBeLessThan(384 * 5.5)
  })

  it('takes what it did not write for nothing', async () => {
    const keyv = new Keyv<unknown>()
    const cache = keyvCache({ keyv })
    const whole = encodeVector(vector)
    const others = [
      'text',
      [1, 2, 3],
      { vector: 1 },
      7,
      whole.slice(0, -4),
      whole.replace(':3:', ':4:'),
      `${whole} `,
      'f32:0:',
    ]
    await keyv.setMany(others.map((value, i) => ({ key: `k${i}`, value })))
    expect(await cache.getMany(others.map((_, i) => `k${i}`))).toEqual(others.map(() => undefined))
  })

  it('rejects where the store fails, whether or not somebody else listens', async () => {
    for (const listens of [false, true]) {
      const broken = () => Promise.reject(new Error('connection lost'))
      const store = {
        get: broken,
        getMany: broken,
        set: broken,
        setMany: broken,
        delete: broken,
        clear: broken,
        has: broken,
      }
      const keyv = new Keyv({ store })
      const heard: unknown[] = []
      if (listens) keyv.on('error', (error: unknown) => heard.push(error))
      const cache = keyvCache({ keyv })
      const failure = { code: 'UNAVAILABLE', retryable: true, cause: { message: 'connection lost' } }
      await expect(cache.getMany(['key'])).rejects.toMatchObject(failure)
      await expect(cache.setMany([['key', vector]])).rejects.toMatchObject(failure)
      await expect(cache.clear()).rejects.toMatchObject(failure)
      expect(heard).toHaveLength(listens ? 3 : 0)
    }
  })

  it('rejects where the store refuses a vector', async () => {
    const keyv = new Keyv()
    vi.spyOn(keyv, 'setMany').mockResolvedValue([true, false])
    await expect(
      keyvCache({ keyv }).setMany([
        ['a', vector],
        ['b', vector],
      ]),
    ).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('survives a store that loses its connection between calls', async () => {
    const keyv = new Keyv()
    const cache = keyvCache({ keyv })
    await cache.setMany([['key', vector]])
    keyv.emit('error', new Error('connection lost'))
    expect(await cache.getMany(['key'])).toEqual([vector])
    expect(await cache.getMany(['none'])).toEqual([undefined])
  })

  it.each([
    [undefined, 'keyv'],
    [{ keyv: new Map() }, 'keyv'],
    [{ keyv: new Keyv(), ttlMs: 0 }, 'ttlMs'],
    [{ keyv: new Keyv(), ttlMs: 1.5 }, 'ttlMs'],
  ])('refuses bad options %#', (options, field) => {
    expect(() => keyvCache(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
  })
})

describe('the text of a vector', () => {
  it('is the same on every machine', () => {
    expect(encodeVector(Float32Array.of(1, -2))).toBe('f32:2:AACAPwAAAMA=')
    expect(decodeVector('f32:2:AACAPwAAAMA=')).toEqual(Float32Array.of(1, -2))
  })
})
