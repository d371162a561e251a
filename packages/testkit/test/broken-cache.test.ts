import type { EmbeddingCache } from '@tandemstore/core/adapter'
import { test } from 'vitest'
import { cacheChecks, cacheContext } from '../src/cache/checks.js'
import { expectCaught } from './check-runner.js'
import { mapCache } from './map-cache.js'

type Entries = readonly (readonly [string, Float32Array])[]

/** A cache that keeps something else than it got. */
function changeEntries(change: (entries: Entries) => Entries): EmbeddingCache {
  const good = mapCache()
  return { ...good, setMany: (entries) => good.setMany(change(entries)) }
}

const changeVectors = (change: (vector: Float32Array) => Float32Array) =>
  changeEntries((entries) => entries.map(([key, vector]) => [key, change(vector)]))

const inOrder =
  'the vectors come in the order of the keys, undefined where there is none, and one asked for twice twice'

const broken: readonly [what: string, cache: () => EmbeddingCache, caughtBy: string][] = [
  [
    'leaves out what it misses',
    () => {
      const good = mapCache()
      return { ...good, getMany: async (keys) => (await good.getMany(keys)).filter((each) => each !== undefined) }
    },
    inOrder,
  ],
  [
    'keeps what was there first',
    () => {
      const good = mapCache()
      return {
        ...good,
        async setMany(entries) {
          const found = await good.getMany(entries.map(([key]) => key))
          await good.setMany(entries.filter((_, i) => found[i] === undefined))
        },
      }
    },
    'a key that is there takes the new vector, also within one call',
  ],
  [
    'keeps the whole buffer of a window',
    () => changeVectors((vector) => new Float32Array(vector.buffer)),
    'a vector that is a window on a larger buffer is kept as the window',
  ],
  [
    'rounds',
    () => changeVectors((vector) => vector.map((each) => Number(each.toFixed(6)))),
    'every 32-bit float comes back as it was',
  ],
  [
    'loses the sign of zero',
    () => changeVectors((vector) => vector.map((each) => each + 0)),
    'every 32-bit float comes back as it was',
  ],
  [
    'cuts its keys',
    () => {
      const good = mapCache()
      const cut = (key: string) => key.slice(0, 100)
      return {
        ...good,
        getMany: (keys) => good.getMany(keys.map(cut)),
        setMany: (entries) => good.setMany(entries.map(([key, vector]) => [cut(key), vector])),
      }
    },
    'keys are told apart character by character, also long ones',
  ],
  [
    'does not clear',
    () => ({ ...mapCache(), clear: () => undefined }),
    'size tells no more than is true, and clear forgets everything',
  ],
]

test.each(broken)('the suite catches a cache that %s', async (_, cache, caughtBy) => {
  await expectCaught({ cacheChecks }, caughtBy, cacheContext(cache()))
})
