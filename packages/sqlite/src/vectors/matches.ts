import { compareRefs, refId, type VectorMatch } from '@tandemstore/core/adapter'
import { bytesToNamespace, bytesToText } from '../bytes.js'
import type { Statements } from '../statements.js'
import { POINTS_PER_DOCUMENT } from './point-id.js'
import type { Space } from './space.js'

interface StoredMatch {
  readonly namespace: Uint8Array
  readonly key: Uint8Array
  readonly version: string
  readonly field: string
  readonly part: number
  readonly hash: string
}

/** Makes matches of the points with the best scores. */
export class Matches {
  readonly #db: Statements
  readonly #space: Space
  readonly #scoreOf: (point: number) => number
  readonly #minScore: number

  constructor(
    db: Statements,
    space: Space,
    { scoreOf, minScore }: { scoreOf: (point: number) => number; minScore: number },
  ) {
    this.#db = db
    this.#space = space
    this.#scoreOf = scoreOf
    this.#minScore = minScore
  }

  /**
   * The documents of these points by their best point, the best first: the first `least` of them, and all whose score
   * equals that of the last. A document can have points in several rows.
   */
  best(points: Iterable<number>, least: number): VectorMatch[] {
    const ofRow = new Map<number, { readonly point: number; readonly score: number }>()
    for (const point of points) {
      const score = this.#scoreOf(point)
      const row = Math.floor(point / POINTS_PER_DOCUMENT)
      const known = ofRow.get(row)
      if (score >= this.#minScore && (known === undefined || score > known.score)) ofRow.set(row, { point, score })
    }
    const ranked = [...ofRow.values()].sort((a, b) => b.score - a.score)
    const matches = new Map<string, VectorMatch>()
    let last = Number.NEGATIVE_INFINITY
    for (const { point, score } of ranked) {
      if (matches.size >= least && score < last) break
      const match = this.#read(point, score)
      const id = refId(match)
      if (matches.has(id)) continue
      matches.set(id, match)
      last = score
    }
    return [...matches.values()].sort((a, b) => b.score - a.score || compareRefs(a, b))
  }

  #read(pointId: number, score: number): VectorMatch {
    const { document, point } = this.#space.tables
    const stored = this.#db
      .prepare(
        `SELECT d.namespace, d.key, d.version, p.field, p.part, p.hash
         FROM ${point} p CROSS JOIN ${document} d ON d.id = p.id / ${POINTS_PER_DOCUMENT} WHERE p.id = ?`,
      )
      .get(pointId) as unknown as StoredMatch
    const { namespace, key, ...rest } = stored
    return { namespace: bytesToNamespace(namespace), key: bytesToText(key), ...rest, score }
  }
}
