import { type EmbeddingCache, invalid, type MaybePromise } from '@tandemstore/core/adapter'

type Vectors = (Float32Array | undefined)[]

interface Tier {
  readonly cache: EmbeddingCache
  failed: number
  lastError: unknown
}

export interface TieredCache extends EmbeddingCache {
  /** How often each tier has failed, and how it failed last; in the order of the tiers. */
  failures(): { readonly name: string; readonly count: number; readonly lastError: unknown }[]
}

/**
 * Caches one behind another, the fastest first. What a later one has is put into those before it. A tier that fails is
 * passed over and counted; a call rejects only where every tier failed, with the error of the first. `size` is that of
 * the first. Where the first has all that is asked for, and answers at once, so does this.
 *
 * Errors: INVALID_ARGUMENT for anything but caches.
 */
export function tiered(first: EmbeddingCache, ...others: EmbeddingCache[]): TieredCache {
  const caches = [first, ...others]
  if (caches.some((cache) => typeof cache?.getMany !== 'function')) throw invalid('caches', 'embedding caches')
  const front: Tier = { cache: first, failed: 0, lastError: undefined }
  const behind = others.map((cache): Tier => ({ cache, failed: 0, lastError: undefined }))
  const tiers = [front, ...behind]

  /** Goes on with what the first tier gave: asks each further one for what is missing still. */
  async function askOthers(keys: readonly string[], given: MaybePromise<Vectors | undefined>): Promise<Vectors> {
    const fromFirst = await given
    const found = new Map(keys.map((key, i) => [key, fromFirst?.[i]]))
    let hasAnswer = fromFirst !== undefined
    for (const [i, tier] of behind.entries()) {
      const missing = [...found.keys()].filter((key) => found.get(key) === undefined)
      if (missing.length === 0) break
      const vectors = await attempt(tier, () => tier.cache.getMany(missing))
      hasAnswer ||= vectors !== undefined
      const fresh: [string, Float32Array][] = []
      missing.forEach((key, k) => {
        const vector = vectors?.[k]
        if (vector !== undefined) fresh.push([key, vector])
      })
      for (const [key, vector] of fresh) found.set(key, vector)
      if (fresh.length > 0)
        await Promise.all(tiers.slice(0, i + 1).map((before) => attempt(before, () => before.cache.setMany(fresh))))
    }
    if (!hasAnswer) throw front.lastError
    return keys.map((key) => found.get(key))
  }

  async function all(call: (cache: EmbeddingCache) => MaybePromise<void>): Promise<void> {
    const done = async (cache: EmbeddingCache) => {
      await call(cache)
      return true
    }
    const outcomes = await Promise.all(tiers.map((tier) => attempt(tier, () => done(tier.cache))))
    if (!outcomes.includes(true)) throw front.lastError
  }

  return {
    name: caches.map(({ name }) => name).join(', '),
    getMany: (keys) => {
      if (keys.length === 0) return []
      const given = attempt(front, () => first.getMany(keys))
      return Array.isArray(given) && !given.includes(undefined) ? given : askOthers(keys, given)
    },
    setMany: (entries) => (entries.length === 0 ? undefined : all((cache) => cache.setMany(entries))),
    clear: () => all((cache) => cache.clear()),
    size: () => first.size(),
    failures: () => tiers.map(({ cache, failed, lastError }) => ({ name: cache.name, count: failed, lastError })),
  }
}

/** Makes a call; `undefined` where it failed, which is counted. Answers at once where the call does. */
function attempt<Result>(tier: Tier, call: () => MaybePromise<Result>): MaybePromise<Result | undefined> {
  const note = (error: unknown) => {
    tier.failed += 1
    tier.lastError = error
    return undefined
  }
  try {
    const result = call()
    return result instanceof Promise ? result.catch(note) : result
  } catch (error) {
    return note(error)
  }
}
