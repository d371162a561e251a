import { invalid, type TermQuery, type VectorMatch, type VectorQuery } from '@tandemstore/core/adapter'
import type { Row } from '../connection.js'
import { decodeNamespace } from '../names.js'
import { conditionsOf, Values } from './conditions.js'
import { operatorOf, toText } from './numbers.js'
import type { Space } from './space.js'

interface Statement {
  readonly sql: string
  readonly values: readonly unknown[]
}

const MATCH = 'p.namespace, p.key, p.version, p.field, p.part, p.hash'

export function toMatch(row: Row, score: number): VectorMatch {
  return {
    namespace: decodeNamespace(row.namespace as string),
    key: row.key as string,
    version: row.version as string,
    field: row.field as string,
    part: Number(row.part),
    hash: row.hash as string,
    score,
  }
}

/** The nearest documents, one more than asked for if there are more. First the nearest alone, then what they are. */
export function nearestSql({ point, dimensions, metric }: Space, query: VectorQuery): Statement {
  if (query.vector.length !== dimensions || dimensions === 0)
    throw invalid('vector', `${dimensions || 'no'} dimensions, not ${query.vector.length}`)
  const values = new Values()
  const distance = `p.embedding ${operatorOf(metric)} ${values.add(toText(query.vector, metric))}::vector`
  const conditions = `p.embedding IS NOT NULL AND ${conditionsOf(query, values)}`
  const { minScore } = query
  const having = minScore === undefined ? '' : `HAVING min(${distance}) <= ${values.add(-minScore)}::float8`
  const sql = `WITH nearest AS MATERIALIZED (
      SELECT p.document, min(${distance}) AS distance FROM ${point} p WHERE ${conditions}
      GROUP BY p.document ${having} ORDER BY 2, 1 LIMIT ${values.add(query.limit + 1)}
    )
    SELECT m.* FROM nearest n CROSS JOIN LATERAL (
      SELECT ${MATCH}, ${distance} AS distance FROM ${point} p WHERE p.document = n.document AND ${conditions}
      ORDER BY distance, p.id LIMIT 1
    ) m ORDER BY m.distance, m.namespace, m.key`
  return { sql, values: values.all }
}

/** The documents with the best scores by terms, one more than asked for if there are more. See `queryTerms`. */
export function termsSql({ point, word }: Space, query: TermQuery): Statement {
  const { terms, weights } = query.terms
  const values = new Values()
  const asked = values.add(JSON.stringify(terms.map((term, place) => ({ place, term, weight: weights[place] }))))
  // The sum is made in one order, so that equal texts have equal scores to the last bit.
  const sql = `WITH total AS MATERIALIZED (SELECT count(*)::float8 AS points FROM ${point} WHERE has_words),
    counted AS MATERIALIZED (
      SELECT a.place, a.term, a.weight, (SELECT count(*)::float8 FROM ${word} w WHERE w.term = a.term) AS points
      FROM json_to_recordset(${asked}::json) AS a(place integer, term text, weight float8)
    ),
    asked AS MATERIALIZED (
      SELECT c.place, c.term, c.weight * ln(1 + (total.points - c.points + 0.5) / (c.points + 0.5)) AS weight
      FROM counted c CROSS JOIN total
    ),
    scored AS MATERIALIZED (
      SELECT w.point, sum(a.weight * w.weight ORDER BY a.place) AS score
      FROM asked a JOIN ${word} w ON w.term = a.term GROUP BY w.point
    )
    SELECT * FROM (
      SELECT DISTINCT ON (p.document) ${MATCH}, s.score FROM scored s JOIN ${point} p ON p.id = s.point
      WHERE ${conditionsOf(query, values)} ORDER BY p.document, s.score DESC, p.id
    ) best ORDER BY score DESC, namespace, key LIMIT ${values.add(query.limit + 1)}`
  return { sql, values: values.all }
}
