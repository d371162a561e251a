import type { QueryResult, TermQuery } from '@tandemstore/core/adapter'
import type { Database } from '../../database.js'
import { operation } from '../../operation.js'
import { Matches } from '../matches.js'
import { rowsFor } from '../row-sets.js'
import { hiddenDocuments, passingDocuments } from '../search-conditions.js'
import { readSpace, type Space } from '../space.js'
import { bestPoints, type ScoredPoints } from './best-points.js'
import { scoreByReading } from './score-by-reading.js'
import { hashWord } from './word-hash.js'

export interface WordsQueryArgs extends TermQuery {
  readonly space: number
}

const GROWTH = 4

function query(db: Database, args: WordsQueryArgs): QueryResult {
  const space = readSpace(db, args.space)
  if (!space.hasWords) return { matches: [], more: false }
  const scored = score(db, space, args)
  const hidden = new Set(hiddenDocuments(db, space, args))
  // One document more than asked for says that there is more. Some may turn out to be one document in two rows.
  for (let wanted = args.limit + 1; ; wanted *= GROWTH) {
    const { scores, complete } = bestPoints(scored, wanted, hidden)
    const scoreOf = (point: number): number => scores.get(point) as number
    const matches = new Matches(db, space, { scoreOf, minScore: Number.NEGATIVE_INFINITY })
    const found = matches.best(scores.keys(), args.limit + 1)
    if (complete || found.length > args.limit) {
      return { matches: found.slice(0, args.limit), more: found.length > args.limit }
    }
  }
}

/** Every point that passes prefix and filter and holds a word of the query. */
function score(db: Database, space: Space, query: TermQuery): ScoredPoints {
  const { terms, weights } = query.terms
  const asked = terms.map((term, i) => ({ hash: hashWord(term), weight: weights[i] as number }))
  const copy = db.copies.readyWords(db, space)
  if (copy === undefined) return scoreByReading(db, space, asked, passingDocuments(db, space, query))
  const { content: index, rowSets } = copy
  return index.score(asked, rowsFor(db, space, query, index.places, rowSets))
}

export const wordsQuery = { wordsQuery: operation('read', query) }
