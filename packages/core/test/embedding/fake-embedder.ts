import type { EmbeddingPipeline, EmbedEachRequest } from '../../src/embedding/pipeline.js'
import type { Embedder, EmbedderLimits, EmbedOptions, EmbedResult } from '../../src/ports/embedder.js'

export interface FakeCall {
  readonly texts: readonly string[]
  readonly purpose: EmbedOptions['purpose']
  readonly at: number
  readonly signal: AbortSignal
}

/** What a call does: answer after a while, or throw. */
export type Script = (call: FakeCall) => number | Error | Promise<EmbedResult> | EmbedResult

/** A vector that tells which text and purpose it is of. */
export function vectorOf(text: string, purpose: EmbedOptions['purpose'] = 'document'): Float32Array {
  let hash = purpose === 'document' ? 2166136261 : 84696351
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619)
  return new Float32Array([hash & 0xffff, (hash >>> 16) & 0xffff, text.length, 1])
}

export const resultOf = (call: Pick<FakeCall, 'texts' | 'purpose'>): EmbedResult => ({
  vectors: call.texts.map((text) => vectorOf(text, call.purpose)),
})

/**
 * An embedder that does as it is told, records its calls and keeps an eye on its limits. A number is milliseconds until
 * it answers.
 */
export function fakeEmbedder(
  script: Script = resultOf,
  limits: EmbedderLimits = {},
  more: Partial<Embedder> = {},
): Embedder & { calls: FakeCall[]; running: number; mostRunning: number } {
  const fake = {
    model: { provider: 'fake', name: 'fake' },
    dimensions: 4,
    limits,
    ...more,
    calls: [] as FakeCall[],
    running: 0,
    mostRunning: 0,
    embed(texts: readonly string[], { purpose, signal }: EmbedOptions): Promise<EmbedResult> | EmbedResult {
      const call: FakeCall = { texts, purpose, at: performance.now(), signal: signal as AbortSignal }
      fake.calls.push(call)
      const does = script(call)
      if (does instanceof Error) throw does
      const answer = typeof does === 'number' ? answerLater(call, does) : does
      if (!(answer instanceof Promise)) return answer
      fake.running += 1
      fake.mostRunning = Math.max(fake.mostRunning, fake.running)
      return answer.finally(() => {
        fake.running -= 1
      })
    },
  }
  return fake
}

function answerLater(call: FakeCall, ms: number): Promise<EmbedResult> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(resultOf(call)), ms)
    call.signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(call.signal.reason)
    })
  })
}

/** A promise that is rejected later, for a script. */
export function failLater(error: unknown, ms = 1): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(error), ms)
  })
}

/** Texts that differ: `t0`, `t1`, … */
export const manyTexts = (count: number, prefix = 't') => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

/** The vectors of many texts, or why there is none, in their order. */
export function embedMany(
  pipeline: Pick<EmbeddingPipeline, 'embedEach'>,
  texts: readonly string[],
  purpose: EmbedOptions['purpose'],
  request?: EmbedEachRequest,
): Promise<PromiseSettledResult<Float32Array>[]> {
  if (texts.length === 0) return Promise.resolve([])
  return new Promise((resolve) => {
    const results = new Array<PromiseSettledResult<Float32Array>>(texts.length)
    let left = texts.length
    pipeline.embedEach(
      texts,
      purpose,
      (i, vector, error) => {
        results[i] =
          vector === undefined ? { status: 'rejected', reason: error } : { status: 'fulfilled', value: vector }
        left -= 1
        if (left === 0) resolve(results)
      },
      request,
    )
  })
}
