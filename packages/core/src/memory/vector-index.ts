import { encodeNamespace, refId } from '../document/namespace.js'
import { StoreError } from '../errors.js'
import type { CallOptions } from '../ports/common.js'
import type { VectorIndex, VectorSpace } from '../ports/vector-index.js'
import type { PointRecord, SpaceDefinition } from '../ports/vector-records.js'
import { newSpace, removePoints, replaceDocument, type SpaceData, toRecord } from './points.js'
import { searchPoints, searchTerms } from './search.js'

/**
 * A VectorIndex that keeps everything in this object and compares with every point, so that it is exact: for tests,
 * examples and as the reference for other adapters. Its spaces outlive their handles.
 */
export function memoryIndex(): VectorIndex {
  const spaces = new Map<string, SpaceData>()
  return {
    name: 'memory',
    capabilities: { exact: true, terms: true },
    limits: { maxBatchSize: 1000, maxBatchBytes: 64 * 1024 * 1024, maxConcurrency: 16, maxQueryLimit: 10_000 },
    async open(space, options) {
      options?.signal?.throwIfAborted()
      const known = spaces.get(space.name)
      if (known !== undefined) {
        checkSame(known.definition, space)
        known.takesTerms ||= space.terms === true
        return openSpace(known, spaces)
      }
      const made = newSpace(space)
      spaces.set(space.name, made)
      return openSpace(made, spaces)
    },
  }
}

function checkSame(known: SpaceDefinition, asked: SpaceDefinition): void {
  if (known.dimensions === asked.dimensions && known.metric === asked.metric) return
  throw new StoreError(
    'MODEL_MISMATCH',
    `The space ${known.name} has ${known.dimensions} dimensions (${known.metric}), not ${asked.dimensions} (${asked.metric})`,
  )
}

function openSpace(data: SpaceData, spaces: Map<string, SpaceData>): VectorSpace {
  const { name } = data.definition
  let closed = false
  const check = (options: CallOptions | undefined): void => {
    if (closed) throw new StoreError('CLOSED', `The space ${name} has been closed`)
    if (spaces.get(name) !== data) throw new StoreError('INDEX_FAILED', `The space ${name} has been dropped`)
    options?.signal?.throwIfAborted()
  }
  return {
    async replace(documents, options) {
      check(options)
      return documents.map((document) => replaceDocument(data, document))
    },
    async deletePrefix(prefix, version, options) {
      check(options)
      const encoded = encodeNamespace(prefix)
      for (const [id, points] of data.documents) {
        if (id.startsWith(encoded)) removePoints(data, id, points, (point) => point.version <= version)
      }
    },
    async deleteExpired(before, options) {
      check(options)
      let count = 0
      for (const [id, points] of data.documents) {
        count += removePoints(data, id, points, ({ expiresAt }) => expiresAt !== undefined && expiresAt <= before)
      }
      return count
    },
    async get(ids, options) {
      check(options)
      return ids.map((id) => {
        const point = data.points.get(id)
        return point && toRecord(point, data.definition)
      })
    },
    async vectors(ids, options) {
      check(options)
      return ids.map((id) => data.points.get(id)?.vector?.slice())
    },
    async query(query, options) {
      check(options)
      return searchPoints(data, query)
    },
    async queryTerms(query, options) {
      check(options)
      return searchTerms(data, query)
    },
    async scan({ prefix, cursor, limit }, options) {
      check(options)
      const encoded = encodeNamespace(prefix)
      const ids = data.order.all()
      const points: PointRecord[] = []
      let at = cursor === undefined ? 0 : data.order.lowerBound(cursor)
      for (; at < ids.length; at += 1) {
        const point = data.points.get(ids[at] as string)
        if (point === undefined || !refId(point).startsWith(encoded)) continue
        if (points.length === limit) return { points, cursor: point.id }
        points.push(toRecord(point, data.definition))
      }
      return { points }
    },
    async count(options) {
      check(options)
      return data.points.size
    },
    async drop(options) {
      check(options)
      spaces.delete(name)
      closed = true
    },
    async ping(options) {
      check(options)
    },
    async close() {
      closed = true
    },
  }
}
