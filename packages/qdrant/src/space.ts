import type { Schemas } from '@qdrant/js-client-rest'
import {
  type CallOptions,
  type DocumentPoints,
  invalid,
  type QueryResult,
  type SpaceDefinition,
  StoreError,
  type VectorSpace,
} from '@tandemstore/core/adapter'
import type { QdrantServer } from './client.js'
import { atOrBelow, expiredAt, type QdrantFilter, under } from './conditions.js'
import { call, checkCompleted } from './errors.js'
import { insertable, notAsGiven, pointsOf } from './insert.js'
import type { QdrantSettings } from './options.js'
import { isRecord, RECORD_KEYS, type RecordPayload, toRecord } from './payload.js'
import { planOf, type Reading, readingFor, type Shape, type StoredPoint, toStoredPoint, wasKept } from './plan.js'
import { checkPoints, compileInsert, compileReplace, inRounds } from './replace.js'
import { compileNext, compileQuery, compileTermQuery, type Search, toMatches } from './search.js'

const DEFAULT_TENANT_DEPTH = 2
/** How often a search that found nothing whole is made again. */
const SEARCHES = 5
/** Points read at a time. */
const LOOKED_AT = 2000
/** Points read at a time with their vectors. */
const READ_WHOLE = 200

type Operation = Schemas['UpdateOperation']

interface OpenSpace {
  readonly server: QdrantServer
  /** The name of the collection. */
  readonly name: string
  readonly definition: SpaceDefinition
  readonly settings: QdrantSettings
  readonly replicated: boolean
  /** Whether the collection has room for terms. */
  readonly hasWords: boolean
}

export function openSpace({ server, name, definition, settings, replicated, hasWords }: OpenSpace): VectorSpace {
  const { client } = server
  // The answer to an update comes when it has been applied; among replicas, only the leader's order is one order.
  const applied = { wait: true, ...(replicated ? { ordering: 'strong' as const } : {}) }
  const shape: Shape = { dimensions: definition.dimensions, metric: definition.metric, hasWords }
  const compiling = { ...shape, tenantDepth: settings.tenantDepth ?? DEFAULT_TENANT_DEPTH }
  let closed = false

  function ask<T>(what: string, options: CallOptions | undefined, run: () => Promise<T>, sent?: unknown): Promise<T> {
    check(options)
    return call({ server, what: `${what} in collection ${name}`, sent }, options?.signal, run)
  }

  function check(options: CallOptions | undefined): void {
    if (closed) throw new StoreError('CLOSED', `The space ${definition.name} has been closed`)
    options?.signal?.throwIfAborted()
  }

  async function remove(what: string, filter: QdrantFilter, options: CallOptions | undefined): Promise<void> {
    const result = await ask(what, options, () => client.delete(name, { filter, ...applied }))
    checkCompleted([result], what)
  }

  async function payloads(ids: string[], options: CallOptions | undefined): Promise<Map<string, unknown>> {
    const found = await ask('read points', options, () => client.retrieve(name, { ids, with_payload: RECORD_KEYS }))
    return new Map(found.filter(({ payload }) => isRecord(payload)).map(({ id, payload }) => [String(id), payload]))
  }

  async function update(operations: Operation[], options: CallOptions | undefined): Promise<void> {
    const send = () => client.batchUpdate(name, { operations, ...applied })
    const results = await ask('replace points', options, send, operations)
    checkCompleted(results, 'replace points')
  }

  /**
   * Inserts points that should not be there yet. Gives the documents of which this was not so, and which are to be
   * replaced.
   */
  async function insert(documents: readonly DocumentPoints[], options?: CallOptions): Promise<DocumentPoints[]> {
    for (const operation of compileInsert(documents, compiling)) await update([operation], options)
    const request = { ...pointsOf(documents), limit: LOOKED_AT }
    const stored: Schemas['Record'][] = []
    let offset: Schemas['ScrollResult']['next_page_offset']
    do {
      const page = await ask('read points', options, () => client.scroll(name, { ...request, offset: offset ?? null }))
      stored.push(...page.points.filter(({ payload }) => isRecord(payload)))
      offset = page.next_page_offset
    } while (offset !== undefined && offset !== null)
    return notAsGiven(documents, stored, shape)
  }

  async function replaceOnce(all: DocumentPoints[], options?: CallOptions): Promise<('done' | 'missing')[]> {
    const inserted = new Set(insertable(all, shape))
    if (inserted.size > 0) for (const document of await insert([...inserted], options)) inserted.delete(document)
    const left = all.filter((document) => !inserted.has(document))
    const outcomes = left.length === 0 ? [] : await replaceGuarded(left, options)
    return all.map((document) => (inserted.has(document) ? 'done' : (outcomes.shift() ?? 'done')))
  }

  /** Points with what they have beside their payload. */
  async function readPoints(
    { ids, with_vector }: Reading,
    options: CallOptions | undefined,
  ): Promise<Map<string, StoredPoint>> {
    const found = new Map<string, StoredPoint>()
    for (let at = 0; at < ids.length; at += READ_WHOLE) {
      const request = { ids: ids.slice(at, at + READ_WHOLE), with_payload: RECORD_KEYS, with_vector }
      const points = await ask('read points', options, () => client.retrieve(name, request))
      for (const { id, payload, vector } of points)
        if (isRecord(payload)) found.set(String(id), toStoredPoint(payload, vector))
    }
    return found
  }

  async function replaceGuarded(documents: DocumentPoints[], options?: CallOptions): Promise<('done' | 'missing')[]> {
    const partial = await readPoints(readingFor(documents, shape), options)
    const plans = documents.map((document) => planOf(document, shape, partial))
    for (const operations of compileReplace(plans, compiling)) await update(operations, options)
    const kept = plans.flatMap((plan) => plan.kept.map(({ id }) => id))
    const stored = kept.length === 0 ? new Map<string, unknown>() : await payloads(kept, options)
    return plans.map(({ document, kept, isMissing }) => {
      const isKept = kept.every((point) => wasKept(document, point, stored.get(point.id) as RecordPayload | undefined))
      return isMissing || !isKept ? 'missing' : 'done'
    })
  }

  async function find(found: Search, limit: number, options: CallOptions | undefined): Promise<QueryResult> {
    const { request, toScore, minScore } = found
    const search = async () => {
      const { groups } = await ask('search', options, () => client.queryGroups(name, request), request)
      return { groups, ...toMatches(groups, found) }
    }
    let { groups, matches, low } = await search()
    // All that was found was being deleted: what is behind it comes when that is done.
    for (let again = 0; again < SEARCHES && matches.length === 0 && groups.length > 0 && !low; again += 1)
      ({ groups, matches, low } = await search())
    // The best come first, so there is nothing better behind a score that was too low.
    if (low || groups.length === 0) return { matches, more: false }
    if (matches.length >= limit) return { matches, more: true }
    // Qdrant may give fewer groups than there are, and does not say so.
    const nextRequest = compileNext(request, matches)
    const { points } = await ask('search', options, () => client.query(name, nextRequest), nextRequest)
    const next = points[0]
    return { matches, more: next !== undefined && toScore(next.score) >= minScore }
  }

  return {
    async replace(documents, options) {
      check(options)
      checkPoints(documents, shape)
      const results = new Array<'done' | 'missing'>(documents.length)
      for (const places of inRounds(documents)) {
        const round = await replaceOnce(
          places.map((place) => documents[place] as DocumentPoints),
          options,
        )
        for (const [i, place] of places.entries()) results[place] = round[i] as 'done' | 'missing'
      }
      return results
    },
    async deletePrefix(prefix, version, options) {
      if (prefix.length === 0) throw invalid('prefix', 'at least one label')
      await remove('delete a prefix', { must: [under(prefix), atOrBelow(version)] }, options)
    },
    async deleteExpired(before, options) {
      await remove('delete expired points', { must: [expiredAt(before)] }, options)
      return undefined
    },
    async get(ids, options) {
      check(options)
      if (ids.length === 0) return []
      const found = await payloads([...new Set(ids)], options)
      return ids.map((id) => {
        const payload = found.get(id)
        return payload === undefined ? undefined : toRecord(id, payload)
      })
    },
    async vectors(ids, options) {
      check(options)
      const points = await readPoints({ ids: [...new Set(ids)], with_vector: true }, options)
      return ids.map((id) => points.get(id)?.vector)
    },
    async query(query, options) {
      check(options)
      return find(compileQuery(query, definition, settings), query.limit, options)
    },
    async queryTerms(query, options) {
      check(options)
      // Where there is no room for terms, no point has any.
      if (!hasWords) return { matches: [], more: false }
      return find(compileTermQuery(query), query.limit, options)
    },
    async scan({ prefix, cursor, limit }, options) {
      const { points, next_page_offset: next } = await ask('scan', options, () =>
        client.scroll(name, {
          filter: { must: prefix.length === 0 ? [] : [under(prefix)] },
          limit,
          with_payload: RECORD_KEYS,
          ...(cursor === undefined ? {} : { offset: cursor }),
        }),
      )
      return {
        points: points.filter(({ payload }) => isRecord(payload)).map(({ id, payload }) => toRecord(id, payload)),
        cursor: next === undefined || next === null ? undefined : String(next),
      }
    },
    async count(options) {
      return (await ask('count', options, () => client.count(name, { exact: true }))).count
    },
    async drop(options) {
      await ask('drop the space', options, () => client.deleteCollection(name))
      closed = true
    },
    async ping(options) {
      const { exists } = await ask('answer', options, () => client.collectionExists(name))
      if (!exists) throw new StoreError('INDEX_FAILED', `The collection ${name} is gone`, { setup: true })
    },
    async close() {
      closed = true
    },
  }
}
