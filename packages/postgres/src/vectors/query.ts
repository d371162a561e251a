import { invalid, type TermQuery, type VectorMatch, type VectorQuery } from '@tandemstore/core/adapter'
import type { Row } from '../connection.js'
import { decodeNamespace } from '../names.js'
import { indexedVector } from '../schema/space-tables.js'
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

/** Points that the index of vectors is asked for, at least: several may be of one document. */
const MIN_CANDIDATES = 40

/**
 * The nearest documents by the index of vectors. Where it gives no more than are asked for, there may be others that it
 * did not reach, and the exact statement has to be asked.
 */
export function nearestByIndexSql(schema: string, space: Space, query: VectorQuery): Statement | undefined {
  const { point, dimensions, metric, hasNearest } = space
  const indexed = hasNearest ? indexedVector(dimensions, metric) : undefined
  if (indexed === undefined || query.vector.length !== dimensions) return undefined
  const inner = new Values((place) => `($1)[${place}]`)
  const vector = inner.add(toText(query.vector, metric))
  const operator = operatorOf(metric)
  const conditions = `p.embedding IS NOT NULL AND ${conditionsOf(query, inner)}`
  const statement = `SELECT p.document, p.embedding ${operator} ${vector}::vector FROM ${point} p WHERE ${conditions}
    ORDER BY p.${indexed.column} ${operator} ${vector}::${indexed.type}
    LIMIT ${inner.add(Math.max(2 * (query.limit + 1), MIN_CANDIDATES))}::integer`
  const values = new Values()
  const found = `${schema}.nearest_by_index(${values.add(statement)},
    ARRAY(SELECT json_array_elements_text(${values.add(JSON.stringify(inner.all.map(String)))}::json)))`
  return { sql: nearestOf(space, query, values, found), values: values.all }
}

/** The nearest documents, one more than asked for if there are more. First the nearest alone, then what they are. */
export function nearestSql(space: Space, query: VectorQuery): Statement {
  const { point, dimensions, metric } = space
  if (query.vector.length !== dimensions || dimensions === 0)
    throw invalid('vector', `${dimensions || 'no'} dimensions, not ${query.vector.length}`)
  const values = new Values()
  const distance = `p.embedding ${operatorOf(metric)} ${values.add(toText(query.vector, metric))}::vector`
  // OFFSET 0 has the distances made before documents are grouped, which would carry the vectors along otherwise.
  const found = `(SELECT p.document, ${distance} AS distance FROM ${point} p
    WHERE p.embedding IS NOT NULL AND ${conditionsOf(query, values)} OFFSET 0)`
  return { sql: nearestOf(space, query, values, found), values: values.all }
}

/** The best documents among points with their distance, with their best point. */
function nearestOf({ point, metric }: Space, query: VectorQuery, values: Values, found: string): string {
  const { minScore, limit } = query
  const distance = `p.embedding ${operatorOf(metric)} ${values.add(toText(query.vector, metric))}::vector`
  const having = minScore === undefined ? '' : `HAVING min(distance) <= ${values.add(-minScore)}::float8`
  return `WITH nearest AS MATERIALIZED (
      SELECT document, min(distance) AS distance FROM ${found} f
      GROUP BY document ${having} ORDER BY 2, 1 LIMIT ${values.add(limit + 1)}
    )
    SELECT m.* FROM nearest n CROSS JOIN LATERAL (
      SELECT ${MATCH}, ${distance} AS distance FROM ${point} p
      WHERE p.document = n.document AND p.embedding IS NOT NULL AND ${conditionsOf(query, values)}
      ORDER BY distance, p.id LIMIT 1
    ) m ORDER BY m.distance, m.namespace, m.key`
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
