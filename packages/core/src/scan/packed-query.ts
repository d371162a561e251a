import type { Metric } from '../ports/vector-records.js'
import type { Factors } from './kernel.js'
import { dot } from './score.js'

/*
 * A row x is kept as scale · codes with a residual r ≥ ‖x − scale · codes‖, and the query q as step · steps with its
 * own residual. Then
 *
 *   |x·q − (scale · codes)·(step · steps)| ≤ ‖x‖ · residual(q) + r · ‖step · steps‖
 *
 * by the inequality of Cauchy and Schwarz, which gives an upper and a lower bound of x·q from the product of whole
 * numbers. Scores are compared as ranks, which rise with them:
 *
 *   cosine: x·q, both of length 1 · dot: x·q, q of length 1 · euclidean: 2 x·q − ‖x‖², as ‖q‖² is the same for all
 */

/** Outside of these lengths, squares and products in 32 bits may overflow or vanish. */
const MIN_NORM = 1e-12
const MAX_NORM = 1e15
/**
 * More than all roundings to 32 bits together can take from a bound, of what is rounded: seven of at most 2^-24 each.
 */
const ROUNDING = 1e-6
/** More than the roundings of the exact score in doubles, of the squares it is made of: dimensions · 2^-53. */
const EXACT_ROUNDING = 1e-10
const MAX_CODE = 127
const MAX_STEP = 32_767

/** How one row is packed. */
export interface PackedRow {
  readonly scale: number
  readonly residual: number
  readonly norm: number
  readonly weight: number
}

/** Nothing can be said about such a row: it is always a candidate. */
const UNBOUNDED: PackedRow = { scale: 0, residual: Number.POSITIVE_INFINITY, norm: 0, weight: 0 }

/** Packs a vector into `codes`, from `at` on. */
export function packRow(metric: Metric, vector: Float32Array, codes: Int8Array, at: number): PackedRow {
  const squares = dot(vector, vector)
  const length = Math.sqrt(squares)
  const ofOne = metric === 'cosine'
  codes.fill(0, at, at + vector.length)
  if (length === 0) return { scale: 0, residual: 0, norm: 0, weight: 0 }
  if (!Number.isFinite(length) || (!ofOne && (length < MIN_NORM || length > MAX_NORM))) return UNBOUNDED
  const factor = ofOne ? 1 / length : 1
  let most = 0
  for (let i = 0; i < vector.length; i += 1) most = Math.max(most, Math.abs(vector[i] as number))
  const scale = Math.fround((most * factor) / MAX_CODE)
  const inverse = factor / scale
  let error = 0
  for (let i = 0; i < vector.length; i += 1) {
    const value = vector[i] as number
    const code = Math.round(value * inverse)
    codes[at + i] = code
    error += (value * factor - code * scale) ** 2
  }
  return {
    scale,
    residual: roundUp(Math.sqrt(error)),
    norm: ofOne ? 1 : roundUp(length),
    weight: metric === 'euclidean' ? Math.fround(squares) : 0,
  }
}

/** A query as it is compared with packed rows. */
export interface PackedQuery {
  /** Whole numbers of 16 bits. */
  readonly steps: Int16Array
  readonly factors: Factors
  /** What an upper bound may lack. */
  readonly slack: number
  /** The rank of a score. */
  rankOf(score: number): number
  /** The lowest rank that a document with at least this score can have. */
  lowestRank(minScore: number): number
  /** What a lower bound is below the upper bound of the same row. */
  widthOf(residual: number, norm: number, weight: number): number
}

/** `undefined` for a query about which nothing can be estimated. */
export function packQuery(metric: Metric, vector: Float32Array): PackedQuery | undefined {
  const squares = dot(vector, vector)
  const length = Math.sqrt(squares)
  const euclidean = metric === 'euclidean'
  const usable = metric === 'cosine' ? length > 0 : length >= MIN_NORM && length <= MAX_NORM
  if (!usable || !Number.isFinite(length)) return undefined
  let most = 0
  for (let i = 0; i < vector.length; i += 1) most = Math.max(most, Math.abs(vector[i] as number) / length)
  // So that sums of products stay below 2^31.
  const maxStep = Math.min(MAX_STEP, Math.floor((2 ** 31 - 1) / (MAX_CODE * vector.length)))
  const step = most / maxStep
  const steps = new Int16Array(vector.length)
  let error = 0
  let kept = 0
  for (let i = 0; i < vector.length; i += 1) {
    const value = (vector[i] as number) / length
    const each = Math.round(value / step)
    steps[i] = each
    error += (value - each * step) ** 2
    kept += (each * step) ** 2
  }
  const factor = euclidean ? 2 * length : 1
  const factors: Factors = [
    factor * step,
    factor * roundUp(Math.sqrt(kept)),
    factor * (roundUp(Math.sqrt(error)) + ROUNDING),
    euclidean ? -(1 - ROUNDING) : 0,
  ]
  return {
    steps,
    factors,
    slack: euclidean ? EXACT_ROUNDING * squares : 0,
    rankOf: (score) => (euclidean ? squares - score ** 2 : metric === 'dot' ? score / length : score),
    lowestRank(minScore) {
      if (metric === 'cosine') return minScore
      if (metric === 'dot') return minScore / length
      return minScore > 0 ? Number.POSITIVE_INFINITY : squares - minScore ** 2 * (1 + EXACT_ROUNDING)
    },
    widthOf: (residual, norm, weight) =>
      2 * (residual * factors[1] + norm * factors[2] + (euclidean ? weight * ROUNDING : 0)),
  }
}

/** A 32-bit number that is not below. */
function roundUp(value: number): number {
  return Math.fround(value * (1 + 2 ** -22))
}
