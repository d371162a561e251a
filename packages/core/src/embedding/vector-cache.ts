import { StoreError } from '../errors.js'
import type { MaybePromise } from '../ports/common.js'
import type { EmbeddingCache } from '../ports/embedding-cache.js'
import { isZero } from './check-vectors.js'
import type { EmbeddingEvent } from './events.js'
import type { Statistics } from './stats.js'

const READ_TIMEOUT_MS = 1000
const WRITE_TIMEOUT_MS = 10_000
/** How long a cache that was too slow is neither read nor written, so that it does not hold up every text. */
const COOLDOWN_MS = 5000
/** Keys in one read or write. */
const MAX_KEYS = 1000

type Entry = readonly [key: string, vector: Float32Array]

/** The user's cache, which here cannot fail: whatever goes wrong is a miss, counted and told. */
export interface VectorCache {
  /** Whether it was seen to answer by a promise; reads are then worth gathering. */
  readonly answersLater: boolean
  /** At once, if the cache answers at once. */
  read(keys: readonly string[]): MaybePromise<(Float32Array | undefined)[]>
  /** Begins to keep vectors; nobody waits for it but `settled`. */
  write(entries: readonly Entry[]): void
  /** Resolves when no write is under way. */
  settled(): Promise<void>
}

export function createVectorCache(args: {
  readonly cache: EmbeddingCache
  readonly dimensions: () => number | undefined
  /** Whether a vector of zeros is of no use. */
  readonly needsDirection: boolean
  readonly stats: Statistics
  readonly emit: (event: EmbeddingEvent) => void
  readonly now: () => number
}): VectorCache {
  const { cache, dimensions, needsDirection, stats, emit, now } = args
  const writes = new Set<Promise<void>>()
  let answersLater = false
  let coolsDownUntil = 0

  function failed(operation: 'read' | 'write', error: unknown): void {
    stats.cacheErrors += 1
    emit({ type: 'cache-error', operation, error })
  }

  function misses(keys: readonly string[]): undefined[] {
    stats.cacheMissed(keys.length)
    return new Array(keys.length).fill(undefined)
  }

  /** Turns what is no vector of this model into a miss. */
  function check(keys: readonly string[], answer: (Float32Array | undefined)[]): (Float32Array | undefined)[] {
    if (!Array.isArray(answer) || answer.length !== keys.length) {
      failed('read', new Error(`The cache ${cache.name} gave no list of ${keys.length} entries`))
      return misses(keys)
    }
    const length = dimensions()
    let vectors = answer
    let hits = 0
    for (let i = 0; i < answer.length; i += 1) {
      const vector = answer[i]
      if (vector === undefined) continue
      const isRight = vector instanceof Float32Array && vector.length === (length ?? vector.length)
      if (isRight && !(needsDirection && isZero(vector))) {
        hits += 1
        continue
      }
      const what = isRight ? 'a vector of zeros' : `what is no vector of ${length} dimensions`
      failed('read', new Error(`The cache ${cache.name} gave ${what}`))
      if (vectors === answer) vectors = [...answer]
      vectors[i] = undefined
    }
    if (hits > 0) stats.cacheHit(hits)
    if (hits < keys.length) stats.cacheMissed(keys.length - hits)
    return vectors
  }

  const isCoolingDown = () => coolsDownUntil > 0 && now() < coolsDownUntil

  function callFailed(operation: 'read' | 'write', error: unknown): void {
    if (StoreError.isInstance(error) && error.code === 'TIMEOUT') coolsDownUntil = now() + COOLDOWN_MS
    failed(operation, error)
  }

  function readBatch(keys: readonly string[]): MaybePromise<(Float32Array | undefined)[]> {
    if (isCoolingDown()) return misses(keys)
    try {
      const answer = cache.getMany(keys)
      return isPromise(answer) ? readLater(keys, answer) : check(keys, answer)
    } catch (error) {
      failed('read', error)
      return misses(keys)
    }
  }

  async function readLater(
    keys: readonly string[],
    answer: Promise<(Float32Array | undefined)[]>,
  ): Promise<(Float32Array | undefined)[]> {
    answersLater = true
    try {
      const vectors = await withTimeout(answer, READ_TIMEOUT_MS, `The cache ${cache.name} did not answer`)
      coolsDownUntil = 0
      return check(keys, vectors)
    } catch (error) {
      callFailed('read', error)
      return misses(keys)
    }
  }

  function writeBatch(entries: readonly Entry[]): void {
    if (isCoolingDown()) return
    try {
      const answer = cache.setMany(entries)
      if (!isPromise(answer)) return
      const write = withTimeout(answer, WRITE_TIMEOUT_MS, `The cache ${cache.name} did not finish a write`)
        .catch((error: unknown) => callFailed('write', error))
        .finally(() => writes.delete(write))
      writes.add(write)
    } catch (error) {
      failed('write', error)
    }
  }

  return {
    get answersLater() {
      return answersLater
    },
    read(keys) {
      if (keys.length <= MAX_KEYS) return readBatch(keys)
      const answers = chunks(keys).map(readBatch)
      return answers.some(isPromise)
        ? Promise.all(answers).then((lists) => lists.flat())
        : (answers as (Float32Array | undefined)[][]).flat()
    },
    write(entries) {
      for (const chunk of chunks(entries)) writeBatch(chunk)
    },
    async settled() {
      while (writes.size > 0) await Promise.all(writes)
    },
  }
}

function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function'
}

function chunks<T>(items: readonly T[]): (readonly T[])[] {
  if (items.length <= MAX_KEYS) return items.length === 0 ? [] : [items]
  const parts: T[][] = []
  for (let i = 0; i < items.length; i += MAX_KEYS) parts.push(items.slice(i, i + MAX_KEYS))
  return parts
}

function withTimeout<T>(promise: Promise<T>, ms: number, message: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StoreError('TIMEOUT', `${message} within ${ms} ms`)), ms)
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}
