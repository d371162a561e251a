import type { Statements } from '../../statements.js'
import { POINTS_PER_DOCUMENT } from '../point-id.js'
import type { Space } from '../space.js'
import { type AskedWord, byRarity, factorOf } from './asked-words.js'
import type { ScoredPoints } from './best-points.js'
import { readWords, type Words } from './word-bytes.js'
import { highBits, lowBits } from './word-hash.js'

/** Scores every point that holds a word by reading the words of all points: where there is no index in memory. */
export function scoreByReading(
  db: Statements,
  { tables }: Space,
  asked: readonly AskedWord[],
  passing: readonly number[] | undefined,
): ScoredPoints {
  const passes = passing && new Set(passing)
  const points: number[] = []
  /** Of each of `points`, its weight for each word. */
  const weights: number[] = []
  const holders = asked.map(() => 0)
  let total = 0
  for (const row of db.prepare(`SELECT id, words FROM ${tables.word}`).iterate()) {
    total += 1
    const words = readWords(row.words as Uint8Array)
    const found = asked.map(({ hash }) => weightOf(words, hash))
    if (found.every((weight) => weight === 0)) continue
    found.forEach((weight, i) => {
      if (weight > 0) holders[i] = (holders[i] as number) + 1
    })
    const id = row.id as number
    if (passes !== undefined && !passes.has(Math.floor(id / POINTS_PER_DOCUMENT))) continue
    points.push(id)
    weights.push(...found)
  }
  const scores = new Float64Array(points.length)
  for (const { factor, at } of byRarity(
    asked.map((word, at) => ({ at, factor: factorOf(word, total, holders[at] as number) })),
  )) {
    for (let i = 0; i < points.length; i += 1) {
      scores[i] = (scores[i] as number) + factor * (weights[i * asked.length + at] as number)
    }
  }
  const found = Uint32Array.from(points, (_, i) => i)
  return { found, count: points.length, scores, pointAt: (number) => points[number] as number }
}

/** 0 if the point does not hold the word. */
function weightOf({ low, high, weights }: Words, hash: number): number {
  const lowest = lowBits(hash)
  for (let at = low.indexOf(lowest); at >= 0; at = low.indexOf(lowest, at + 1)) {
    if (high[at] === highBits(hash)) return weights[at] as number
  }
  return 0
}
