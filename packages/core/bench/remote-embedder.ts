import { setTimeout as wait } from 'node:timers/promises'
import type { Embedder } from '@tandemstore/core/adapter'
import { logNormal, seeded } from './random.ts'

export const TEXTS_PER_CALL = 100
export const CALLS_AT_A_TIME = 5

/**
 * The time of a remote call: 40 ms and 0.2 ms a text, times a log-normal factor (sigma 0.5) that depends on the
 * call's index alone.
 */
export function remoteCalls(seed: number): (texts: number) => Promise<void> {
  const random = seeded(seed)
  const factors: number[] = []
  let calls = 0
  return async (texts) => {
    const index = calls
    calls += 1
    while (factors.length <= index) factors.push(logNormal(random, 0.5))
    await wait((40 + 0.2 * texts) * (factors[index] as number))
  }
}

/** An embedder that only waits as a remote one does. */
export function remoteEmbedder(seed: number): Embedder {
  const call = remoteCalls(seed)
  const vector = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0)
  return {
    model: { provider: 'bench', name: 'remote' },
    dimensions: vector.length,
    limits: { maxInputs: TEXTS_PER_CALL, maxConcurrency: CALLS_AT_A_TIME },
    embed: async (texts) => {
      await call(texts.length)
      return { vectors: texts.map(() => vector) }
    },
  }
}

/** The best that can be had: nothing but the calls, all full, in a rolling window. */
export async function bareWindow(texts: number, seed: number): Promise<void> {
  const call = remoteCalls(seed)
  let left = texts
  const worker = async (): Promise<void> => {
    while (left > 0) {
      const size = Math.min(TEXTS_PER_CALL, left)
      left -= size
      await call(size)
    }
  }
  await Promise.all(Array.from({ length: CALLS_AT_A_TIME }, worker))
}
