import { invalid, type QueryResult, type VectorQuery } from '@tandemstore/core/adapter'
import { exactScore } from '@tandemstore/core/scan'
import type { Database } from '../database.js'
import { operation } from '../operation.js'
import { Matches } from './matches.js'
import { queryByScan } from './query-by-scan.js'
import { queryBySql } from './query-by-sql.js'
import { readSpace, type Space } from './space.js'
import { bytesVector } from './vector-math.js'

export interface QueryArgs extends VectorQuery {
  readonly space: number
}

function query(db: Database, args: QueryArgs): QueryResult {
  const space = readSpace(db, args.space)
  const { minScore = Number.NEGATIVE_INFINITY, limit } = args
  if (args.vector.length !== space.dimensions || space.dimensions === 0) {
    throw invalid('vector', `${space.dimensions || 'no'} dimensions, not ${args.vector.length}`)
  }
  const search = { ...args, minScore }
  const matches = new Matches(db, space, { scoreOf: scoreOf(db, space, args.vector), minScore })
  const copy = db.copies.ready(db, space)
  const found =
    copy === undefined ? queryBySql(db, space, search, matches) : queryByScan(db, space, search, matches, copy)
  // One document more than asked for says that there is more.
  return { matches: found.slice(0, limit), more: found.length > limit }
}

/** A function that scores points exactly, each once. */
function scoreOf(db: Database, { tables, metric }: Space, vector: Float32Array): (point: number) => number {
  const scores = new Map<number, number>()
  return (point) => {
    const known = scores.get(point)
    if (known !== undefined) return known
    const stored = db.prepare(`SELECT vector FROM ${tables.point} WHERE id = ?`).get(point)
    const score = exactScore(metric, vector, bytesVector(stored?.vector as Uint8Array))
    scores.set(point, score)
    return score
  }
}

export const vectorsQuery = { vectorsQuery: operation('read', query) }
