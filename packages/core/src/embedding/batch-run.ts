import { StoreError, type StoreErrorCode } from '../errors.js'
import type { Embedder, EmbedResult } from '../ports/embedder.js'
import { backoffMs, MAX_RETRY_AFTER_MS } from '../resilience/backoff.js'
import { type Call, callModel } from '../resilience/call-model.js'
import { createBatch, dropUnwanted, plainBatch, tokensOf } from './batch.js'
import { checkAllZero, checkCount, checkLengths, toVector } from './check-vectors.js'
import type { Circuit } from './circuit.js'
import type { EmbeddingEvent } from './events.js'
import type { Batch, TextInFlight } from './in-flight.js'
import type { ResolvedOptions } from './options.js'
import { isForeign, remedy, toEmbeddingError } from './remedy.js'
import type { CallOutcome, Permit, Scheduler } from './scheduler.js'
import type { SingleFlight } from './single-flight.js'
import type { Statistics } from './stats.js'
import { estimateTogether } from './token-estimate.js'
import type { VectorCache } from './vector-cache.js'

/** A provider that wants to be left alone for longer than this is not waited for: the circuit opens. */
const MAX_PAUSE_MS = 300_000
const BACKOFF_BASE_MS = 500
const BACKOFF_MAX_MS = 30_000

/** What became of a batch. Texts are settled where it is done; a failure is still to be given to them. */
type Outcome =
  | { readonly kind: 'done' }
  /** Refused for its content; or answered with vectors that cannot be right. */
  | { readonly kind: 'refused'; readonly error: StoreError; readonly answered: boolean }
  /** Failed for good, whatever its content. */
  | { readonly kind: 'failed'; readonly error: StoreError }
  /** Not tried, or not tried again, because the circuit is open. */
  | { readonly kind: 'circuit-open'; readonly error: StoreError }

export interface BatchRunner {
  /**
   * Brings a batch to its end: every text of it is settled, or was dropped because nobody waits for it. Never rejects.
   */
  run(batch: Batch, permit: Permit): Promise<void>
  /** Ends every pause before a retry. */
  wakeAll(): void
}

export function createBatchRunner(args: {
  readonly embedder: Embedder
  readonly options: ResolvedOptions
  readonly scheduler: Scheduler
  readonly circuit: Circuit
  readonly flight: SingleFlight
  readonly cache: VectorCache | undefined
  readonly stats: Statistics
  /** Length of the vectors, once it is known. */
  readonly dimensions: { value: number | undefined }
  /** Whether a vector of zeros is of no use. */
  readonly needsDirection: boolean
  readonly emit: (event: EmbeddingEvent) => void
  readonly onSuccess: () => void
  readonly now: () => number
  readonly random: () => number
}): BatchRunner {
  const { embedder, options, scheduler, circuit, flight, cache, stats, dimensions, needsDirection } = args
  const { emit, onSuccess, now, random } = args
  const pauses = new Set<() => void>()
  /** Texts that were refused alone since the last call that succeeded. */
  let refusals = 0

  /** Makes calls until one gives vectors, or there is no point in another. */
  async function attempt(batch: Batch, first?: Permit): Promise<Outcome> {
    let permit = first
    let miscounted = false
    let foreign = false
    for (let attempts = 1; ; attempts += 1) {
      if (permit === undefined) {
        const given = await scheduler.acquire(batch)
        if (given === undefined) return { kind: 'done' }
        if (StoreError.isInstance(given)) return { kind: 'circuit-open', error: given }
        permit = given
      }
      if (batch.wanted === 0) {
        scheduler.release(permit, { kind: 'failed' })
        return { kind: 'done' }
      }
      if (attempts > 1) dropUnwanted(batch, flight)
      const texts = batch.texts.map((each) => each.text)
      stats.calls += 1
      const call = await callModel<EmbedResult>({
        who: 'The embedder',
        call: (signal) => embedder.embed(texts, { purpose: batch.purpose, signal }),
        toError: (thrown) => toEmbeddingError(thrown, texts),
        stoppable: batch,
        timeoutMs: options.attemptTimeoutMs,
        now,
      })
      let error: StoreError | undefined
      if (call.kind === 'failed') error = call.error
      else if (call.kind === 'given-up') error = batch.tooLate
      else {
        // A wrong number of vectors may be an accident. When it comes again, a text may be what the embedder drops.
        error = checkCount(call.result, texts.length, attempts <= options.retries && !miscounted)
        miscounted = error !== undefined
        error ??= checkLengths(call.result, dimensions.value)
        if (needsDirection) error ??= checkAllZero(call.result)
      }
      end(permit, call, error)
      permit = undefined
      if (error === undefined) {
        if (call.kind === 'answered') settle(batch, call.result)
        return { kind: 'done' }
      }
      // An answer of another protocol may be an accident, too.
      const next = isForeign(error) && !foreign ? 'retry' : remedy(error)
      foreign ||= isForeign(error)
      if (next === 'halve') return { kind: 'refused', error, answered: call.kind === 'answered' }
      if (next === 'fail' || attempts > options.retries) return { kind: 'failed', error }
      if (circuit.state === 'open' || !(await pauseBefore(batch, attempts, error)))
        return { kind: 'circuit-open', error }
    }
  }

  /** Counts a call that ended, and gives its slot back once the embedder has let go. */
  function end(permit: Permit, call: Call<EmbedResult>, error: StoreError | undefined): void {
    const succeeded = call.kind === 'answered' && error === undefined
    const rateLimited = error?.code === 'RATE_LIMITED'
    if (succeeded) {
      refusals = 0
      circuit.succeeded()
      onSuccess()
    }
    if (error !== undefined) stats.failedCalls += 1
    if (rateLimited) stats.rateLimited += 1
    if (error?.code === 'TIMEOUT') stats.timedOut += 1
    // Before the slot is given back, for the next call might take it.
    if (error !== undefined && remedy(error) !== 'halve') circuit.attemptFailed(error)
    if (call.kind !== 'given-up') stats.callTook(now() - permit.startedAt)
    const tokens = succeeded && isCount(call.result.tokens) ? call.result.tokens : undefined
    const outcome: CallOutcome = {
      kind: rateLimited ? 'rate-limited' : succeeded ? 'succeeded' : 'failed',
      tokens,
      retryAfterMs: error?.retryAfterMs,
    }
    if (call.letGo === undefined) scheduler.release(permit, outcome)
    else void scheduler.releaseLater(permit, outcome, call.letGo, error)
  }

  /** Waits before the next attempt. Says no if the provider wants a wait that is too long. */
  async function pauseBefore(batch: Batch, attempts: number, error: StoreError): Promise<boolean> {
    for (const text of batch.texts) flight.delay(text, error)
    const askedMs = error.retryAfterMs ?? 0
    if (askedMs > MAX_PAUSE_MS) {
      circuit.open(error, Math.min(askedMs, MAX_RETRY_AFTER_MS))
      return false
    }
    const delayMs = backoffMs(attempts, { baseMs: BACKOFF_BASE_MS, maxMs: BACKOFF_MAX_MS, askedMs, random })
    // Where the provider says how long, everybody waits.
    const pauseMs = askedMs > 0 ? delayMs : 0
    scheduler.pause(pauseMs, error)
    if (batch.wanted === 0) {
      // Whoever waited did not want to wait for another attempt. Where each fails, the circuit spares the next ones.
      if (error.code !== 'RATE_LIMITED') circuit.batchFailed(error)
      return true
    }
    if (error.code === 'RATE_LIMITED') emit({ type: 'rate-limited', pauseMs, concurrency: scheduler.limit, error })
    emit({ type: 'retry', attempt: attempts, delayMs, texts: batch.texts.length, error })
    stats.retries += 1
    scheduler.retrying += 1
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        pauses.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, delayMs)
      pauses.add(wake)
      batch.stop = wake
      // Nobody may wait for it any more by now.
      if (batch.wanted === 0) wake()
    })
    batch.stop = undefined
    scheduler.retrying -= 1
    return true
  }

  function settle(batch: Batch, result: EmbedResult): void {
    if (isCount(result.tokens)) stats.tokensReported += result.tokens
    else stats.tokensEstimated += tokensOf(batch.texts) || estimateTogether(batch.texts.map((each) => each.text))
    const kept: [string, Float32Array][] = []
    const vectors = batch.texts.map((each, i) => {
      const vector = toVector(result.vectors[i], dimensions.value, needsDirection)
      if (vector instanceof Float32Array) {
        dimensions.value ??= vector.length
        if (each.key !== undefined) kept.push([each.key, vector])
      }
      return vector
    })
    // Before anybody gets a vector, so that whoever asks for the text again finds it.
    cache?.write(kept)
    batch.texts.forEach((each, i) => {
      const vector = vectors[i]
      if (vector instanceof Float32Array) {
        stats.embedded += 1
        flight.resolve(each, vector)
      } else fail([each], vector as StoreError)
    })
  }

  function fail(texts: readonly TextInFlight[], error: StoreError): void {
    stats.failed += texts.length
    for (const each of texts) flight.reject(each, error)
  }

  /**
   * Halves a batch that was refused until the bad texts are alone. Unless the embedder is known to accept others, one
   * plain text tells whether it does: if not (a wrong setting, say), it is one error of the set-up, and neither a
   * request for each text nor the fault of any.
   */
  async function conclude(batch: Batch, outcome: Outcome, acceptsOthers: boolean): Promise<void> {
    if (outcome.kind === 'done') return
    if (outcome.kind !== 'refused') {
      if (outcome.kind === 'failed') circuit.batchFailed(outcome.error)
      fail(batch.texts, outcome.error)
      return
    }
    if (batch.texts.length === 1) {
      refusals += 1
      // One that is refused among others that are not is at fault itself. A query that fails is told to whoever asks,
      // and no more.
      const isClear = acceptsOthers || refusals === 1 || batch.purpose === 'query'
      const verdict = isClear ? undefined : await verdictOnAll([batch], outcome.error, outcome.error.code)
      if (batch.wanted > 0) fail(batch.texts, verdict ?? outcome.error)
      return
    }
    stats.bisections += 1
    emit({ type: 'bisected', texts: batch.texts.length, error: outcome.error })
    const middle = Math.ceil(batch.texts.length / 2)
    const halves = [batch.texts.slice(0, middle), batch.texts.slice(middle)].map((texts) =>
      createBatch(batch.purpose, texts, flight),
    )
    if (acceptsOthers) {
      await Promise.all(halves.map(async (half) => conclude(half, await attempt(half), true)))
      return
    }
    const outcomes = await Promise.all(halves.map((half) => attempt(half)))
    const allRefused = outcomes.every((each) => each.kind === 'refused')
    const verdict = allRefused
      ? await verdictOnAll(halves, outcome.error, outcome.answered ? outcome.error.code : 'CONFIGURATION')
      : undefined
    if (verdict !== undefined) {
      for (const half of halves) fail(half.texts, verdict)
      return
    }
    const accepted = allRefused || outcomes.some((each) => each.kind === 'done')
    await Promise.all(halves.map((half, i) => conclude(half, outcomes[i] as Outcome, accepted)))
  }

  /**
   * Embeds a plain text after a refusal. Gives the error for what was refused, if that is not the texts' fault, or
   * cannot be told to be. Where the plain text is refused as well, it is one of the set-up, with this code.
   */
  async function verdictOnAll(
    refused: readonly Batch[],
    refusal: StoreError,
    code: StoreErrorCode,
  ): Promise<StoreError | undefined> {
    const plain = plainBatch((refused[0] as Batch).purpose)
    for (const batch of refused) {
      batch.stop = () => {
        if (refused.some(({ wanted }) => wanted > 0)) return
        plain.wanted = 0
        plain.stop?.()
      }
    }
    const outcome = await attempt(plain)
    for (const batch of refused) batch.stop = undefined
    if (outcome.kind === 'done') return undefined
    if (outcome.kind !== 'refused') {
      if (outcome.kind === 'failed') circuit.batchFailed(outcome.error)
      return outcome.error
    }
    const message = `The embedder refuses every text: ${refusal.message}`
    const error = new StoreError(code, message, { cause: refusal.cause ?? refusal, setup: true })
    circuit.batchFailed(error)
    return error
  }

  return {
    async run(batch, permit) {
      await conclude(batch, await attempt(batch, permit), false)
    },
    wakeAll() {
      for (const wake of [...pauses]) wake()
    },
  }
}

function isCount(tokens: number | undefined): tokens is number {
  return typeof tokens === 'number' && Number.isFinite(tokens) && tokens >= 0
}
