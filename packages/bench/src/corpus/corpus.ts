import { createHash } from 'node:crypto'
import type { Judgements } from '../metrics/scores.js'

/** Documents to search in, and queries of which it is known what they should find. */
export interface Corpus {
  readonly name: string
  readonly kind: 'judged' | 'known-item'
  /** Ids are distinct, texts hold more than spaces. */
  readonly documents: readonly CorpusDocument[]
  /** At least one; each has judgements, unless they were not to be read. */
  readonly queries: readonly CorpusQuery[]
  /** What a reader should know before believing a score, each with a count. */
  readonly warnings: readonly string[]
}

export interface CorpusDocument {
  readonly id: string
  readonly text: string
}

export interface CorpusQuery {
  readonly id: string
  readonly text: string
  /** May name documents that are not in the corpus: they can't be found, and count as such. */
  readonly judgements: Judgements
}

export function countJudgements({ queries }: Pick<Corpus, 'queries'>): number {
  return queries.reduce((sum, { judgements }) => sum + judgements.size, 0)
}

/** Tells corpora apart by all that they hold but their names. */
export function corpusDigest({ documents, queries }: Corpus): string {
  const digest = createHash('sha256')
  for (const { id, text } of documents) digest.update(JSON.stringify([id, text]))
  for (const { id, text, judgements } of queries) digest.update(JSON.stringify([id, text, [...judgements]]))
  return digest.digest('hex').slice(0, 16)
}
