import { invalid, type VectorMatch, type VectorQuery } from '@tandemstore/core/adapter'
import type { Database } from '../database.js'
import { operation } from '../operation.js'
import { Matches } from './matches.js'
import { queryByScan } from './query-by-scan.js'
import { queryBySql } from './query-by-sql.js'
import { readSpace } from './space.js'

export interface QueryArgs extends VectorQuery {
  readonly space: number
}

function query(db: Database, args: QueryArgs): { matches: VectorMatch[]; more: boolean } {
  const space = readSpace(db, args.space)
  const { minScore = Number.NEGATIVE_INFINITY, limit } = args
  if (args.vector.length !== space.dimensions) {
    throw invalid('vector', `${space.dimensions} dimensions, not ${args.vector.length}`)
  }
  const search = { ...args, minScore }
  const matches = new Matches(db, space, search)
  const copy = db.copies.ready(db, space)
  const found =
    copy === undefined ? queryBySql(db, space, search, matches) : queryByScan(db, space, search, matches, copy)
  // One document more than asked for says that there is more.
  return { matches: found.slice(0, limit), more: found.length > limit }
}

export const vectorsQuery = { vectorsQuery: operation('read', query) }
