import type { Metric } from '../ports/vector-records.js'

/** How much each leg says. Only their ratio matters. */
export interface FusionWeights {
  readonly vector: number
  readonly keyword: number
}

export interface FusionOptions {
  readonly metric: Metric
  /** Default 0.7 and 0.3. */
  readonly weights?: FusionWeights | undefined
}

/** A document that at least one leg found. */
export interface Fused<V, K> {
  readonly id: string
  /** From 0 to 1. */
  readonly score: number
  readonly vector?: V
  readonly keyword?: K
}

interface Scored {
  readonly score: number
}

/**
 * One ranking, best first, of what two searches found, by the document's id. Each leg is best first, and has a
 * document once.
 */
export function fuse<V extends Scored, K extends Scored>(
  vector: ReadonlyMap<string, V>,
  keyword: ReadonlyMap<string, K>,
  { metric, weights = defaultWeights }: FusionOptions,
): Fused<V, K>[] {
  throw new Error(`not written: ${vector.size} ${keyword.size} ${metric} ${weights.vector}`)
}

const defaultWeights: FusionWeights = { vector: 0.7, keyword: 0.3 }
