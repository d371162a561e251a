import type { TermWeights } from '../ports/vector-records.js'

/** Which rows hold a term, with its weight there: an inverted index. */
export class TermRows {
  readonly #rows = new Map<string, Map<number, number>>()
  readonly #terms = new Map<number, readonly string[]>()

  /** Makes the terms of a row the given ones; none for a row that is gone. */
  set(row: number, weights: TermWeights | undefined): void {
    for (const term of this.#terms.get(row) ?? []) {
      const rows = this.#rows.get(term)
      rows?.delete(row)
      if (rows?.size === 0) this.#rows.delete(term)
    }
    if (weights === undefined || weights.terms.length === 0) {
      this.#terms.delete(row)
      return
    }
    this.#terms.set(row, weights.terms)
    weights.terms.forEach((term, i) => {
      const rows = this.#rows.get(term) ?? new Map<number, number>()
      rows.set(row, weights.weights[i] as number)
      this.#rows.set(term, rows)
    })
  }

  /** Every row that shares a term with the query, with its score: see `VectorSpace.queryTerms`. */
  scores({ terms, weights }: TermWeights): Map<number, number> {
    const scores = new Map<number, number>()
    terms.forEach((term, i) => {
      const rows = this.#rows.get(term)
      if (rows === undefined) return
      const rarity = Math.log(1 + (this.#terms.size - rows.size + 0.5) / (rows.size + 0.5))
      const factor = rarity * (weights[i] as number)
      for (const [row, weight] of rows) scores.set(row, (scores.get(row) ?? 0) + factor * weight)
    })
    return scores
  }
}
