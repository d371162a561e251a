import { type EmbedResult, StoreError } from '@tandemstore/core/adapter'
import type { Behaviour } from './call.js'
import { raceAbort } from './gates.js'

/** The call fails and has no effect. */
export function fail(error: unknown): Behaviour {
  return () => {
    throw error
  }
}

/** RATE_LIMITED, as a provider's 429 with Retry-After. */
export function rateLimited(retryAfterMs?: number): Behaviour {
  return fail(new StoreError('RATE_LIMITED', 'Too many requests', { retryAfterMs }))
}

/** The call has no effect and does not end before its signal aborts; then it rejects with the reason. */
export function hang(): Behaviour {
  return ({ signal }) => raceAbort(new Promise<never>(() => {}), signal)
}

/** The call takes effect, and its answer is lost. */
export function loseAnswer(error: unknown): Behaviour {
  return async ({ proceed }) => {
    await proceed()
    throw error
  }
}

/** Of a batch (the first argument), the first `count` take effect; then the call fails. */
export function breakOff(count: number, error: unknown): Behaviour {
  return async ({ args: [batch, ...rest], proceed }) => {
    if (!Array.isArray(batch)) throw new TypeError('breakOff: the first argument of this method is no array')
    if (count > 0) await proceed([batch.slice(0, count), ...rest])
    throw error
  }
}

/** The call takes effect, and another answer is given. */
export function changeAnswer<T>(change: (answer: T) => unknown): Behaviour {
  return async ({ proceed }) => change((await proceed()) as T)
}

/** An embedder gives one vector less than it got texts. */
export function wrongCount(): Behaviour {
  return changeAnswer<EmbedResult>((result) => ({ ...result, vectors: result.vectors.slice(1) }))
}

/** An embedder gives vectors that are one number too long. */
export function wrongDimensions(): Behaviour {
  return changeVectors((vector) => [...vector, 0])
}

/** An embedder gives vectors that hold NaN. */
export function notANumber(): Behaviour {
  return changeVectors((vector) => [Number.NaN, ...vector.slice(1)])
}

function changeVectors(change: (vector: readonly number[]) => number[]): Behaviour {
  return changeAnswer<EmbedResult>((result) => ({
    ...result,
    vectors: result.vectors.map((vector) => Float32Array.from(change([...vector]))),
  }))
}
