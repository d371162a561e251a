import { aborted, StoreError } from '../errors.js'
import type { MaybePromise } from '../ports/common.js'
import type { Embedder } from '../ports/embedder.js'
import type { EmbeddingCache } from '../ports/embedding-cache.js'
import type { Metric } from '../ports/vector-records.js'
import { raceAbort } from '../resilience/abort.js'
import { createAbortWatch } from './abort-watch.js'
import { createAdaptiveConcurrency } from './adaptive-concurrency.js'
import { createBatch, leaveBatch } from './batch.js'
import { createBatchRunner } from './batch-run.js'
import { cacheKeyPrefix, hashText } from './cache-key.js'
import { createCircuit } from './circuit.js'
import type { EmbeddingEvent } from './events.js'
import type { Purpose, TextInFlight, Waiter } from './in-flight.js'
import { createLookup } from './lookup.js'
import { type EmbeddingOptions, resolveOptions } from './options.js'
import { createRateLimiter } from './rate-limit.js'
import { createScheduler } from './scheduler.js'
import { createSingleFlight } from './single-flight.js'
import { createStatistics, type EmbeddingStats } from './stats.js'
import { createTextQueue } from './text-queue.js'
import { createTokenRatio, tokenCounter } from './token-estimate.js'
import { createVectorCache } from './vector-cache.js'
import { createWait } from './wait.js'

export type { EmbeddingEvent, EmbeddingOptions, EmbeddingStats }

export interface EmbedRequest {
  /** Ends the wait with ABORTED. The text is embedded all the same if somebody else waits for it. */
  readonly signal?: AbortSignal | undefined
  /** SHA-256 of the text, base64url, where the caller has it. */
  readonly hash?: string | undefined
  /**
   * Rejects with the error of the first call that fails, rather than wait for the next one; and with TIMEOUT after 5 s,
   * or `attemptTimeoutMs` if that is less. Default: it waits.
   */
  readonly isImpatient?: boolean | undefined
}

export interface EmbedEachRequest extends Pick<EmbedRequest, 'signal'> {
  /** Of each text, in their order. */
  readonly hashes?: readonly string[] | undefined
}

/** Takes the vector of a text, or else the error. `index` is its place among the texts that were asked for together. */
export type SettleText = Waiter['settle']

/** Texts to vectors: dedupe, cache, single flight, batch, limit, retry, check. */
export interface EmbeddingPipeline {
  /**
   * The vector of a text; at once, if it is in a cache that answers at once. Vectors are shared: they must not be
   * changed. A promise rejects with a StoreError: EMBEDDING_FAILED (the text is refused or too long), MODEL_MISMATCH,
   * ABORTED, CLOSED, UNAVAILABLE (the embedder keeps failing), or the embedder's own.
   */
  embed(text: string, purpose: Purpose, request?: EmbedRequest): MaybePromise<Float32Array>
  /**
   * Gives the vector of each text, or why there is none, to `settle` as soon as it is there: in any order, each text
   * once, some perhaps before this returns. One bad text fails alone.
   */
  embedEach(texts: readonly string[], purpose: Purpose, settle: SettleText, request?: EmbedEachRequest): void
  stats(): EmbeddingStats
  /** Refuses new texts with CLOSED; resolves when those it has are settled and cached, or when the signal fires. */
  close(signal?: AbortSignal): Promise<void>
}

/**
 * Builds the pipeline of one embedder, which it does not close. Throws INVALID_ARGUMENT for a wrong option.
 * @param args.dimensions length of the vectors. Default: the embedder's, else that of the first vector that comes.
 * @param args.metric how vectors are compared; by `cosine`, one of zeros is refused. Default: any vector will do.
 * @param args.onEvent called in a microtask of its own.
 * @param args.onSuccess called whenever a call of the embedder has succeeded.
 * @param args.now a clock that does not go back, milliseconds. Default: `performance.now`.
 * @param args.random as `Math.random`, for the jitter of retries.
 */
export function createEmbeddingPipeline(args: {
  readonly embedder: Embedder
  readonly dimensions?: number | undefined
  readonly metric?: Metric | undefined
  readonly cache?: EmbeddingCache | undefined
  readonly options?: EmbeddingOptions | undefined
  readonly onEvent?: ((event: EmbeddingEvent) => void) | undefined
  readonly onSuccess?: (() => void) | undefined
  readonly now?: (() => number) | undefined
  readonly random?: (() => number) | undefined
}): EmbeddingPipeline {
  const { embedder, onEvent, onSuccess, now = () => performance.now(), random = Math.random } = args
  const options = resolveOptions(args.options ?? {}, embedder.limits)
  const dimensions = { value: args.dimensions ?? embedder.dimensions }
  const needsDirection = args.metric === 'cosine'
  // Counting costs a pass over each text.
  const countsTokens = [options.maxInputTokens, options.maxBatchTokens, options.tokensPerMinute].some(Number.isFinite)
  const countTokens = tokenCounter(embedder)
  const prefixes = {
    document: cacheKeyPrefix(embedder.model, dimensions.value, 'document'),
    query: cacheKeyPrefix(embedder.model, dimensions.value, 'query'),
  }
  const stats = createStatistics(now)
  const queues = { document: createTextQueue(), query: createTextQueue() }
  const running = new Set<Promise<void>>()
  const abortWatch = createAbortWatch()
  let closing: Promise<void> | undefined

  // A listener that throws must not stop the pipeline half-way.
  const emit = (event: EmbeddingEvent) => {
    if (onEvent !== undefined) queueMicrotask(() => onEvent(event))
  }
  const flight = createSingleFlight((text) => {
    if (text.batch !== undefined) leaveBatch(text.batch, flight)
    else if (text.slot >= 0) {
      queues[text.purpose].remove(text)
      flight.drop(text)
    }
    scheduler.wake()
  })
  const wait = createWait({ flight, abortWatch, attemptTimeoutMs: options.attemptTimeoutMs })
  const circuit = createCircuit({
    who: 'The embedder',
    now,
    emit,
    onOpen(refusal) {
      for (const text of scheduler.rejectWaiting(refusal)) fail(text, refusal)
      runner.wakeAll()
    },
  })
  const cache =
    args.cache &&
    createVectorCache({ cache: args.cache, dimensions: () => dimensions.value, needsDirection, stats, emit, now })
  const lookup = cache && createLookup({ cache, flight, onMiss: enqueue })
  const scheduler = createScheduler({
    options,
    queues,
    concurrency: createAdaptiveConcurrency(options.concurrency, now),
    circuit,
    rate: createRateLimiter(options.requestsPerMinute, options.tokensPerMinute, now),
    ratio: createTokenRatio(),
    now,
    start(purpose, texts, permit) {
      const run = runner.run(createBatch(purpose, texts, flight), permit).finally(() => running.delete(run))
      running.add(run)
    },
  })
  const runner = createBatchRunner({
    ...{ embedder, options, scheduler, circuit, flight, cache, stats, dimensions, needsDirection, emit, now, random },
    onSuccess: onSuccess ?? (() => {}),
  })

  function fail(text: TextInFlight, error: StoreError): void {
    stats.failed += 1
    flight.reject(text, error)
  }

  /** Counts the tokens of a text; says what is wrong if they are too many. */
  function weigh(text: TextInFlight): StoreError | undefined {
    try {
      text.tokens = countTokens(text.text)
    } catch (error) {
      return error as StoreError
    }
    if (text.tokens <= options.maxInputTokens) return undefined
    const message = `A text of ${text.tokens} tokens is above the model's limit of ${options.maxInputTokens}`
    return new StoreError('EMBEDDING_FAILED', message)
  }

  function enqueue(text: TextInFlight): void {
    const refusal = circuit.refusal()
    if (refusal !== undefined) {
      fail(text, refusal)
      return
    }
    const tooLong = countsTokens ? weigh(text) : undefined
    if (tooLong !== undefined) {
      fail(text, tooLong)
      return
    }
    queues[text.purpose].push(text)
    if (scheduler.pausedBy !== undefined) flight.delay(text, scheduler.pausedBy)
    scheduler.wake()
  }

  const closed = () => new StoreError('CLOSED', 'The store is closed')

  function embed(text: string, purpose: Purpose, request: EmbedRequest = {}): MaybePromise<Float32Array> {
    const { signal, hash } = request
    if (closing !== undefined) return Promise.reject(closed())
    if (signal?.aborted === true) return Promise.reject(aborted(signal))
    stats.requested += 1
    const shared = flight.get(purpose, text)
    if (shared !== undefined) {
      stats.shared += 1
      return wait(shared, request)
    }
    if (cache === undefined || lookup === undefined) {
      const added = flight.add(purpose, text, undefined)
      const vector = wait(added, request)
      enqueue(added)
      return vector
    }
    const key = prefixes[purpose] + (hash ?? hashText(text))
    const answer = cache.answersLater ? undefined : cache.read([key])
    if (Array.isArray(answer) && answer[0] !== undefined) return answer[0]
    const added = flight.add(purpose, text, key)
    const vector = wait(added, request)
    if (answer === undefined) lookup.gather(added)
    else lookup.settle([added], answer)
    return vector
  }

  function embedEach(
    texts: readonly string[],
    purpose: Purpose,
    settle: SettleText,
    { signal, hashes }: EmbedEachRequest = {},
  ): void {
    if (texts.length === 0) return
    const refusal = closing !== undefined ? closed() : signal?.aborted === true ? aborted(signal) : undefined
    if (refusal !== undefined) {
      for (let i = 0; i < texts.length; i += 1) settle(i, undefined, refusal)
      return
    }
    stats.requested += texts.length
    const joined: TextInFlight[] = []
    const waiter = signal === undefined ? { settle } : watched(signal, settle, joined, texts.length)
    const added: TextInFlight[] = []
    for (let i = 0; i < texts.length; i += 1) {
      const text = texts[i] as string
      let target = flight.get(purpose, text)
      if (target === undefined) {
        target = flight.add(purpose, text, cache && prefixes[purpose] + (hashes?.[i] ?? hashText(text)))
        added.push(target)
      } else stats.shared += 1
      joined.push(target)
      flight.join(target, waiter, i)
    }
    if (lookup === undefined) for (const each of added) enqueue(each)
    else lookup.lookUp(added)
  }

  /** A waiter that leaves the texts it has joined when the signal fires, and settles what is left of them. */
  function watched(signal: AbortSignal, settle: SettleText, joined: readonly TextInFlight[], texts: number): Waiter {
    const settled = new Uint8Array(texts)
    let left = texts
    const waiter = {
      settle(index: number, vector: Float32Array | undefined, error: StoreError | undefined) {
        settled[index] = 1
        left -= 1
        if (left === 0) abortWatch.unwatch(signal, waiter)
        settle(index, vector, error)
      },
      abort(by: AbortSignal) {
        const error = aborted(by)
        for (const each of joined) flight.leave(each, waiter)
        for (let i = 0; i < texts; i += 1) if (settled[i] === 0) settle(i, undefined, error)
      },
    }
    abortWatch.watch(signal, waiter)
    return waiter
  }

  async function drain(): Promise<void> {
    await flight.whenEmpty()
    while (running.size > 0) await Promise.all(running)
    await cache?.settled()
  }

  return {
    embed,
    embedEach,
    stats: () =>
      stats.snapshot({
        inFlight: scheduler.running,
        queue: { length: queues.document.length + queues.query.length, retrying: scheduler.retrying },
        concurrency: { limit: scheduler.limit, max: options.concurrency },
        circuit: circuit.state,
      }),
    close(signal) {
      closing ??= drain()
      // What was waited for goes on and cannot fail.
      return raceAbort(closing, signal).catch(() => {})
    },
  }
}
