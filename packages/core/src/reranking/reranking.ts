import { type AdaptiveConcurrency, createAdaptiveConcurrency } from '../embedding/adaptive-concurrency.js'
import { type Circuit, createCircuit } from '../embedding/circuit.js'
import { createRateLimiter, type RateLimiter } from '../embedding/rate-limit.js'
import { estimateTokens } from '../embedding/token-estimate.js'
import { aborted, StoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import type { Phase } from '../observe/phase.js'
import type { Reranker } from '../ports/reranker.js'
import { onAbort, sleep } from '../resilience/abort.js'
import { MAX_RETRY_AFTER_MS } from '../resilience/backoff.js'
import { type Call, callModel } from '../resilience/call-model.js'
import { toModelError } from '../resilience/model-error.js'
import { LONGEST_WAIT_MS, retrying } from '../resilience/retry.js'
import { isUnsaid, markUnsaid } from '../resilience/unsaid.js'
import { cutToLimits, type RerankBatch } from './cut.js'
import { type RerankingOptions, resolveReranking } from './options.js'
import { Slots } from './slots.js'
import type { RerankerStats } from './stats.js'

export interface RerankingParts {
  readonly reranker: Reranker
  readonly options?: RerankingOptions | undefined
  readonly events: Events
  readonly phase: Phase
  /** Fires when the store closes. */
  readonly signal: AbortSignal
  /** A clock that does not go back, milliseconds. Default: `performance.now`. */
  readonly now?: (() => number) | undefined
}

/**
 * A reranker as the store uses it: batches by its limits, side by side in a window, rate limits, attempts, a circuit
 * that leaves it alone when it keeps failing, scores checked, every error a StoreError. Nothing is cached.
 */
export class Reranking {
  readonly #parts: RerankingParts
  readonly #now: () => number
  readonly #attempts: number
  readonly #timeoutMs: number
  readonly #rate: RateLimiter | undefined
  readonly #concurrency: AdaptiveConcurrency
  readonly #circuit: Circuit
  readonly #slots: Slots
  /** Nobody calls the reranker before, on the clock of `now`. */
  #pausedUntil = 0
  /** Whether the outage has been told. */
  #isTold = false
  #counts = { reranked: 0, degraded: 0, texts: 0, made: 0, failed: 0, retries: 0, rateLimited: 0, timedOut: 0 }

  constructor(parts: RerankingParts) {
    const { reranker, now = () => performance.now() } = parts
    const options = resolveReranking(parts.options, reranker.limits)
    this.#parts = parts
    this.#attempts = options.retries + 1
    this.#timeoutMs = options.attemptTimeoutMs
    this.#now = now
    this.#rate = createRateLimiter(options.requestsPerMinute, options.tokensPerMinute, now)
    this.#concurrency = createAdaptiveConcurrency(options.concurrency, now)
    this.#circuit = createCircuit({
      who: 'The reranker',
      now,
      emit: () => this.#slots.wake(),
      onOpen: (refusal) => this.#slots.refuse(refusal),
    })
    this.#slots = new Slots(() => Math.min(this.#concurrency.limit, this.#circuit.maxCalls))
  }

  /**
   * How well each text answers the query: one finite number each, in their order. Rejects with a StoreError: what the
   * reranker reports, UNAVAILABLE (it keeps failing and is left alone), RERANK_FAILED, ABORTED. A failure is counted,
   * and told by the event `rerankFailed`, once until a call succeeds.
   */
  async scores(query: string, texts: readonly string[], signal?: AbortSignal): Promise<readonly number[]> {
    try {
      const scores = await this.#scores(query, texts, signal)
      this.#counts.reranked += 1
      return scores
    } catch (error) {
      if (signal?.aborted) throw aborted(signal)
      if (this.#parts.signal.aborted) throw this.#parts.signal.reason
      this.#counts.degraded += 1
      if (!this.#isTold) this.#parts.events.emit('rerankFailed', { error: error as StoreError })
      this.#isTold = true
      throw error
    }
  }

  stats(): RerankerStats {
    const { reranked, degraded, texts, made, failed, retries, rateLimited, timedOut } = this.#counts
    return {
      name: this.#parts.reranker.name,
      searches: { reranked, degraded },
      texts,
      calls: { made, failed, retries, rateLimited, timedOut, inFlight: this.#slots.running },
      circuit: this.#circuit.state,
    }
  }

  async #scores(query: string, texts: readonly string[], signal: AbortSignal | undefined): Promise<number[]> {
    const { reranker, options, signal: closing } = this.#parts
    // While one call tries whether it works again, nobody else waits for it.
    const refusal =
      this.#circuit.refusal() ?? (this.#slots.running >= this.#circuit.maxCalls ? unavailable() : undefined)
    if (refusal !== undefined) throw refusal
    // A model that is loaded by its first call knows its limits from then on.
    const limits = resolveReranking(options, reranker.limits)
    const cut = await cutToLimits(query, texts, limits, this.#countTokens)
    const failing = new AbortController()
    const own = AbortSignal.any([failing.signal, closing, ...(signal === undefined ? [] : [signal])])
    const scores = new Array<number>(texts.length)
    let failure: unknown
    await Promise.all(
      cut.batches.map(async (batch) => {
        try {
          const some = await this.#scoresOf(cut.query, batch, own)
          for (let i = 0; i < some.length; i += 1) scores[batch.at + i] = some[i] as number
        } catch (error) {
          // The others are ended, and what they say of that does not count.
          failure ??= error
          failing.abort()
        }
      }),
    )
    if (failure === undefined) return scores
    throw failure
  }

  readonly #countTokens = (text: string): number => {
    const { reranker } = this.#parts
    if (reranker.countTokens === undefined) return estimateTokens(text)
    try {
      return reranker.countTokens(text)
    } catch (error) {
      throw toModelError(error, [text], 'The reranker', 'RERANK_FAILED')
    }
  }

  /** One that did not answer in time is not asked again: somebody waits for the search. */
  async #scoresOf(query: string, batch: RerankBatch, signal: AbortSignal): Promise<readonly number[]> {
    let attempts = 0
    const attempt = async (): Promise<readonly number[] | StoreError> => {
      attempts += 1
      if (attempts > 1) this.#counts.retries += 1
      try {
        return await this.#attempt(query, batch, signal)
      } catch (error) {
        if (StoreError.isInstance(error) && error.code === 'TIMEOUT') return error
        throw error
      }
    }
    const answer = await retrying(attempt, signal, { attempts: this.#attempts })
    if (StoreError.isInstance(answer)) throw answer
    return answer
  }

  async #attempt(query: string, batch: RerankBatch, signal: AbortSignal): Promise<readonly number[]> {
    const refusal = this.#circuit.refusal()
    if (refusal !== undefined) throw refusal
    await this.#slots.take(signal)
    let call: Call<readonly number[]> | undefined
    try {
      await this.#waitForTurn(batch.tokens, signal)
      const startedAt = this.#now()
      this.#counts.made += 1
      call = await this.#call(query, batch.texts, signal)
      if (call.kind === 'given-up') throw aborted(signal)
      const error = call.kind === 'failed' ? call.error : checkScores(call.result, batch.texts.length)
      if (error !== undefined) throw this.#failed(error, startedAt)
      this.#circuit.succeeded()
      this.#concurrency.succeeded(this.#now() - startedAt)
      this.#isTold = false
      this.#counts.texts += batch.texts.length
      return (call as Extract<typeof call, { kind: 'answered' }>).result
    } finally {
      // A call that was given up keeps its slot until the reranker has let go.
      if (call?.letGo === undefined) this.#slots.give()
      else void call.letGo.then(() => this.#slots.give())
    }
  }

  /** Waits for the rate limit, and for the pause that the provider asked for. */
  async #waitForTurn(tokens: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = Math.max(this.#rate?.waitMs(tokens) ?? 0, this.#pausedUntil - this.#now())
      if (waitMs <= 0) {
        // Before anybody else looks.
        this.#rate?.reserve(tokens)
        return
      }
      if (waitMs > LONGEST_WAIT_MS)
        throw new StoreError('RATE_LIMITED', `The reranker may not be called for ${Math.ceil(waitMs / 1000)} s`, {
          retryAfterMs: waitMs,
        })
      await sleep(waitMs, signal)
    }
  }

  #call(query: string, texts: readonly string[], signal: AbortSignal): Promise<Call<readonly number[]>> {
    const { reranker, phase } = this.#parts
    const stoppable: { stop: (() => void) | undefined } = { stop: undefined }
    const stop = onAbort(signal, () => stoppable.stop?.())
    const attributes = { 'tandem.reranker': reranker.name, 'tandem.texts': texts.length }
    return callModel({
      who: 'The reranker',
      call: (own) => phase.measure(async () => reranker.rerank(query, texts, { signal: own }), attributes),
      toError: (thrown) => toModelError(thrown, [query, ...texts], 'The reranker', 'RERANK_FAILED'),
      stoppable,
      timeoutMs: this.#timeoutMs,
      now: this.#now,
    }).finally(stop)
  }

  /** Counts a call that failed, and draws the consequences. */
  #failed(error: StoreError, startedAt: number): StoreError {
    const { retryAfterMs = 0, code } = error
    this.#counts.failed += 1
    if (code === 'TIMEOUT') this.#counts.timedOut += 1
    if (code === 'RATE_LIMITED') {
      this.#counts.rateLimited += 1
      this.#concurrency.rateLimited(startedAt, retryAfterMs)
      this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + Math.min(retryAfterMs, LONGEST_WAIT_MS))
    }
    // A query that is refused for what it says tells nothing about the next one.
    const isRefusal = code === 'RERANK_FAILED' || code === 'INVALID_ARGUMENT'
    if (isRefusal && !isUnsaid(error)) return error
    this.#circuit.attemptFailed(error)
    if (retryAfterMs > LONGEST_WAIT_MS) this.#circuit.open(error, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS))
    else this.#circuit.batchFailed(error)
    return error
  }
}

function unavailable(): StoreError {
  return new StoreError('UNAVAILABLE', 'The reranker has failed repeatedly, and one call tries whether it works again')
}

function checkScores(scores: unknown, texts: number): StoreError | undefined {
  const isList = Array.isArray(scores) || ArrayBuffer.isView(scores)
  const list = isList ? (scores as ArrayLike<unknown>) : []
  if (!isList || list.length !== texts)
    return wrong(`The reranker gave ${isList ? list.length : 'no list of'} scores for ${texts} texts`)
  for (let i = 0; i < texts; i += 1)
    if (!Number.isFinite(list[i])) return wrong('The reranker gave a score that is no finite number')
  return undefined
}

function wrong(message: string): StoreError {
  return markUnsaid(new StoreError('RERANK_FAILED', message))
}
