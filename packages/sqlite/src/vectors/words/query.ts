import type { QueryResult, TermQuery } from '@tandemstore/core/adapter'
import type { Database } from '../../database.js'
import { operation } from '../../operation.js'
import { Matches } from '../matches.js'
import { rowsFor } from '../row-sets.js'
import { hiddenDocuments, passingDocuments } from '../search-conditions.js'
import { readSpace, type Space } from '../space.js'
import { type BestPoints, bestPoints, type Wanted } from './best-points.js'
import { scoreByReading } from './score-by-reading.js'
import { hashWord } from './word-hash.js'

export interface WordsQueryArgs extends TermQuery {
  readonly space: number
}

const GROWTH = 4

function query(db: Database, args: WordsQueryArgs): QueryResult {
  const space = readSpace(db, args.space)
  if (!space.hasWords) return { matches: [], more: false }
  const best = searcher(db, space, args)
  const hidden = new Set(hiddenDocuments(db, space, args))
  // One document more than asked for says that there is more. Some may turn out to be one document in two rows.
  for (let documents = args.limit + 1; ; documents *= GROWTH) {
    const { scores, complete } = best({ documents, hidden })
    const scoreOf = (point: number): number => scores.get(point) as number
    const matches = new Matches(db, space, { scoreOf, minScore: Number.NEGATIVE_INFINITY })
    const found = matches.best(scores.keys(), args.limit + 1)
    if (complete || found.length > args.limit) {
      return { matches: found.slice(0, args.limit), more: found.length > args.limit }
    }
  }
}

/** A function that gives the best points that pass prefix and filter and hold a word of the query. */
function searcher(db: Database, space: Space, query: TermQuery): (wanted: Wanted) => BestPoints {
  const { terms, weights } = query.terms
  const asked = terms.map((term, i) => ({ hash: hashWord(term), weight: weights[i] as number }))
  const copy = db.copies.readyWords(db, space)
  if (copy === undefined) {
    const scored = scoreByReading(db, space, asked, passingDocuments(db, space, query))
    return (wanted) => bestPoints(scored, wanted)
  }
  const { content: index, rowSets } = copy
  const rows = rowsFor(db, space, query, index.places, rowSets)
  return (wanted) => index.best(asked, rows, wanted)
}

export const wordsQuery = { wordsQuery: operation('read', query) }
