import {
  type CallOptions,
  type PointRecord,
  type QueryResult,
  type SpaceDefinition,
  StoreError,
  type VectorIndex,
  type VectorSpace,
} from '@tandemstore/core/adapter'
import type { CallAbout, Connection, Row } from '../connection.js'
import { encodeNamespace } from '../names.js'
import { dropSpaceSql, hasPaths, indexedVector, openSpaceSql } from '../schema/space-tables.js'
import { underPrefix, Values } from './conditions.js'
import { fromText, scoreOf } from './numbers.js'
import { nearestByIndexSql, nearestSql, termsSql, toMatch } from './query.js'
import { packIds, recordsSql, scanSql, toCursor, toRecord, vectorsSql } from './read.js'
import { type Space, selectSpaceSql, toSpace } from './space.js'
import { DELETE_STEP, deleteSql, packDocuments } from './write.js'

export function createVectorIndex(connection: Connection, schema: string, approximate: boolean): VectorIndex {
  return {
    name: 'postgres',
    capabilities: { exact: !approximate, terms: true },
    limits: { maxBatchSize: 256, maxBatchBytes: 4 * 1024 * 1024, maxConcurrency: 10, maxQueryLimit: 10_000 },
    async open(definition, options) {
      const about = { failed: 'INDEX_FAILED', what: 'open a space', signal: options?.signal } as const
      await connection.open('vectors', about)
      try {
        return openSpace(
          connection,
          schema,
          await findOrMake(connection, schema, definition, approximate, about),
          approximate,
        )
      } catch (error) {
        await connection.release('INDEX_FAILED')
        throw error
      }
    },
  }
}

async function findOrMake(
  connection: Connection,
  schema: string,
  definition: SpaceDefinition,
  approximate: boolean,
  about: CallAbout,
): Promise<Space> {
  const { name, dimensions = 0, metric, filterable, terms } = definition
  const find = async (): Promise<Space | undefined> => {
    const [row] = await connection.run(selectSpaceSql(schema), [name], about)
    return row && toSpace(row, schema)
  }
  const wantsNearest = approximate && indexedVector(dimensions, metric) !== undefined
  const isWhole = (space: Space | undefined): space is Space =>
    space !== undefined &&
    (space.hasFilterable || !hasPaths(filterable)) &&
    (space.hasWords || terms !== true) &&
    (space.hasNearest || !wantsNearest)
  let space = await find()
  if (!isWhole(space)) {
    await connection.run(openSpaceSql(schema, definition, approximate), [], about)
    space = await find()
  }
  if (space === undefined) throw new StoreError('INDEX_FAILED', `The space ${name} has been dropped meanwhile`)
  if (space.dimensions === dimensions && space.metric === metric) return space
  throw new StoreError(
    'MODEL_MISMATCH',
    `The space ${name} has ${space.dimensions || 'no'} dimensions (${space.metric}), ` +
      `not ${dimensions || 'none'} (${metric})`,
  )
}

function openSpace(connection: Connection, schema: string, space: Space, approximate: boolean): VectorSpace {
  let closed = false
  const check = (options: CallOptions | undefined): void => {
    if (closed) throw new StoreError('CLOSED', `The space ${space.name} has been closed`)
    options?.signal?.throwIfAborted()
  }
  const run = async (
    what: string,
    sql: string,
    values: readonly unknown[],
    options: CallOptions | undefined,
  ): Promise<readonly Row[]> => {
    check(options)
    return connection.run(sql, values, { failed: 'INDEX_FAILED', what, signal: options?.signal })
  }
  const deleteAll = async (condition: string, values: Values, options: CallOptions | undefined): Promise<number> => {
    const sql = deleteSql(space, condition)
    let deleted = 0
    for (;;) {
      const [row] = await run('delete points', sql, values.all, options)
      const gone = Number(row?.gone)
      deleted += gone
      if (gone < DELETE_STEP) return deleted
    }
  }
  const close = async (): Promise<void> => {
    if (closed) return
    closed = true
    await connection.release('INDEX_FAILED')
  }
  const result = (rows: readonly Row[], limit: number, score: (row: Row) => number): QueryResult => ({
    matches: rows.slice(0, limit).map((row) => toMatch(row, score(row))),
    more: rows.length > limit,
  })
  return {
    async replace(documents, options) {
      check(options)
      if (documents.length === 0) return []
      const sql = `SELECT place, missing FROM ${space.replace}($1::json)`
      const rows = await run('replace points', sql, [packDocuments(documents, space)], options)
      const outcomes = new Array<'done' | 'missing'>(documents.length).fill('done')
      for (const { place, missing } of rows) if (missing === true) outcomes[Number(place)] = 'missing'
      return outcomes
    },
    async deletePrefix(prefix, version, options) {
      const values = new Values()
      const condition = `p.version <= ${values.add(version)} AND ${underPrefix(encodeNamespace(prefix), values)}`
      await deleteAll(condition, values, options)
    },
    async deleteExpired(before, options) {
      const values = new Values()
      return deleteAll(`p.expires_at <= ${values.add(before)}`, values, options)
    },
    async get(ids, options) {
      check(options)
      if (ids.length === 0) return []
      const rows = await run('read points', recordsSql(space), [packIds(ids)], options)
      const records = new Array<PointRecord | undefined>(ids.length).fill(undefined)
      for (const row of rows) records[Number(row.place)] = toRecord(row, space)
      return records
    },
    async vectors(ids, options) {
      check(options)
      if (ids.length === 0) return []
      const rows = await run('read vectors', vectorsSql(space), [packIds(ids)], options)
      const vectors = new Array<Float32Array | undefined>(ids.length).fill(undefined)
      for (const row of rows) vectors[Number(row.place)] = fromText(row.embedding as string)
      return vectors
    },
    async query(query, options) {
      check(options)
      const score = ({ distance }: Row): number => scoreOf(space.metric, Number(distance))
      const exact = nearestSql(space, query)
      const byIndex = approximate ? nearestByIndexSql(schema, space, query) : undefined
      if (byIndex !== undefined) {
        const rows = await run('search', byIndex.sql, byIndex.values, options)
        if (rows.length > query.limit) return result(rows, query.limit, score)
      }
      return result(await run('search', exact.sql, exact.values, options), query.limit, score)
    },
    async queryTerms(query, options) {
      check(options)
      const { sql, values } = termsSql(space, query)
      const rows = await run('search words', sql, values, options)
      return result(rows, query.limit, ({ score }) => Number(score))
    },
    async scan(query, options) {
      check(options)
      const { sql, values } = scanSql(space, query)
      const rows = await run('scan points', sql, values, options)
      const page = rows.slice(0, query.limit)
      const points = page.map((row) => toRecord(row, space))
      const last = page.at(-1)
      return rows.length > query.limit && last !== undefined ? { points, cursor: toCursor(last) } : { points }
    },
    async count(options) {
      const [row] = await run('count points', `SELECT count(*) AS points FROM ${space.point}`, [], options)
      return Number(row?.points)
    },
    async drop(options) {
      await run('drop a space', dropSpaceSql(schema, space.id), [], options)
      await close()
    },
    async ping(options) {
      await run('answer', 'SELECT 1', [], options)
    },
    close,
  }
}
