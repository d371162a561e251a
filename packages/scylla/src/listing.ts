import {
  compareText,
  type DocumentRef,
  type DocumentRow,
  decodeNamespace,
  encodeNamespace,
  type KVCollection,
  type Namespace,
} from '@tandemstore/core/adapter'
import { cellsOf, newest } from './cells.js'
import { FIRST_DOCUMENT_KEY } from './co-located-intents.js'
import { type Merged, mergeSorted } from './merge.js'
import type { Layout } from './records.js'
import { behind, endOf, type Registry } from './registry.js'
import { mapWindow } from './rolling-window.js'
import type { Session } from './session.js'
import type { Tables } from './tables.js'

/** Namespaces that one call looks into. Then it gives what it found, and a cursor. */
const MAX_NAMESPACES = 512
/** Namespaces that are looked into at the same time. */
const MAX_AHEAD = 16
/** After every key. */
const LAST_KEY = '\u{10ffff}'

/** Documents and namespaces in order, from the registry and the buckets of each namespace. */
export function makeListing(
  session: Session,
  { documents }: Tables,
  { buckets }: Layout,
  registry: Registry,
): Pick<KVCollection, 'list' | 'namespaces'> {
  const where = 'WHERE namespace = ? AND bucket = ? AND "key" >= ? LIMIT ?'
  const statements = {
    rows: `SELECT "key", document, claim FROM ${documents} ${where}`,
    lives: `SELECT TTL(document) AS ttl, WRITETIME(document) AS written, WRITETIME(claim) AS claimed FROM ${documents} ${where}`,
  }

  /** The rows of one namespace by key. */
  const rowsOf = (
    namespace: Namespace,
    from: string,
    pageSize: number,
    signal: AbortSignal | undefined,
  ): Merged<{ readonly key: string; readonly row: DocumentRow | undefined }, string> => {
    const encoded = encodeNamespace(namespace)
    return mergeSorted({
      sources: buckets,
      from,
      fetch: async (bucket, start) => {
        const options = { what: 'list documents', signal }
        const { items, end } = await session.page(statements.rows, [encoded, bucket, start], pageSize, options)
        return {
          end,
          items: items.map((item) => {
            const key = String(item.key)
            return { key, row: newest(cellsOf({ namespace, key }, item))?.row }
          }),
        }
      },
      positionOf: ({ key }) => key,
      compare: compareText,
      behind,
    })
  }

  /** Up to `limit` rows of one namespace. `end`: there are no more. */
  const take = async (
    namespace: Namespace,
    from: string,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly rows: DocumentRow[]; readonly end: boolean }> => {
    // Keys are spread evenly, so each bucket holds about this many of the next `limit` keys.
    const found = rowsOf(namespace, from, Math.ceil(limit / buckets) + 1, signal)
    const rows: DocumentRow[] = []
    while (rows.length < limit) {
      const next = await found.next()
      if (next === undefined) return { rows, end: true }
      if (next.row !== undefined) rows.push(next.row)
    }
    return { rows, end: false }
  }

  /** Whether a namespace holds a row that has not expired. Reads values only where rows can expire. */
  const isLive = async (namespace: Namespace, now: number, signal: AbortSignal | undefined): Promise<boolean> => {
    const encoded = encodeNamespace(namespace)
    const options = { what: 'look into a namespace', signal }
    const all = Array.from({ length: buckets }, (_, bucket) => bucket)
    const first = await mapWindow(all, buckets, (bucket) =>
      session.page(statements.lives, [encoded, bucket, FIRST_DOCUMENT_KEY], 1, options),
    )
    const heads = first.flatMap(({ items }) => items)
    if (heads.length === 0) return false
    if (heads.some(({ ttl, written, claimed }) => written !== null && ttl === null && claimed === null)) return true
    const rows = rowsOf(namespace, FIRST_DOCUMENT_KEY, 4, signal)
    for (let next = await rows.next(); next !== undefined; next = await rows.next()) {
      if (next.row !== undefined && (next.row.expiresAt === undefined || next.row.expiresAt > now)) return true
    }
    return false
  }

  return {
    async list({ prefix, after, limit }, { signal } = {}) {
      const start = after === undefined ? '' : encodeNamespace(after.namespace)
      const from = later(encodeNamespace(prefix), start)
      const found = registry.under(prefix, from, 32, signal)
      const rows: DocumentRow[] = []
      let next: DocumentRef | undefined
      let looked = 0
      // Small namespaces are read several at a time, more with each round. Reading ahead of a large one would be waste.
      for (let ahead = 1; rows.length < limit && looked < MAX_NAMESPACES; ahead = Math.min(ahead * 2, MAX_AHEAD)) {
        const some = await takeNext(found, ahead)
        if (some.length === 0) return { rows }
        const share = Math.ceil((limit - rows.length) / (ahead === 1 ? 1 : ahead / 2))
        const parts = await mapWindow(some, ahead, (encoded) => {
          const key = after !== undefined && encoded === start ? behind(after.key) : FIRST_DOCUMENT_KEY
          return take(decodeNamespace(encoded), key, share, signal)
        })
        for (const [i, part] of parts.entries()) {
          const namespace = decodeNamespace(some[i] as string)
          const fitting = part.rows.slice(0, limit - rows.length)
          rows.push(...fitting)
          const isWhole = part.end && fitting.length === part.rows.length
          const last = fitting.at(-1)
          if (isWhole) next = { namespace, key: last?.key ?? LAST_KEY }
          else {
            // A namespace that is cut off ends the page. The last row is of it, or of the one before it.
            if (last !== undefined) next = { namespace, key: last.key }
            return next === undefined ? { rows } : { rows, next }
          }
        }
        looked += some.length
      }
      return next === undefined ? { rows } : { rows, next }
    },

    async namespaces({ prefix, maxDepth, after, limit, now }, { signal } = {}) {
      const isCut = (namespace: Namespace): boolean => maxDepth !== undefined && namespace.length >= maxDepth
      const cut = (namespace: Namespace): Namespace => (isCut(namespace) ? namespace.slice(0, maxDepth) : namespace)
      const endOfGroup = (group: Namespace): string => (isCut(group) ? endOf(group) : behind(encodeNamespace(group)))

      const from = later(encodeNamespace(prefix), after === undefined ? '' : endOfGroup(after))
      const found = registry.under(prefix, from, 64, signal)
      /** Whether any namespace that falls into this group is live; `first` is the first of them. */
      const isGroupLive = async (group: Namespace, first: string): Promise<boolean> => {
        if (await isLive(decodeNamespace(first), now, signal)) return true
        if (!isCut(group)) return false
        const others = registry.under(group, behind(first), 16, signal)
        for (let next = await others.next(); next !== undefined; next = await others.next()) {
          if (await isLive(decodeNamespace(next), now, signal)) return true
        }
        return false
      }

      const namespaces: Namespace[] = []
      let looked = 0
      while (looked < MAX_NAMESPACES) {
        const groups: { readonly group: Namespace; readonly first: string }[] = []
        while (groups.length < Math.min(MAX_AHEAD, limit)) {
          const first = await found.next()
          if (first === undefined) break
          const group = cut(decodeNamespace(first))
          groups.push({ group, first })
          found.skipTo(endOfGroup(group))
        }
        if (groups.length === 0) return { namespaces }
        const live = await mapWindow(groups, MAX_AHEAD, ({ group, first }) => isGroupLive(group, first))
        for (const [i, { group }] of groups.entries()) {
          if (live[i]) namespaces.push(group)
          if (namespaces.length === limit) return { namespaces, next: group }
        }
        looked += groups.length
        const last = groups.at(-1)
        if (looked >= MAX_NAMESPACES && last !== undefined) return { namespaces, next: last.group }
      }
      return { namespaces }
    },
  }
}

async function takeNext(found: Merged<string, string>, count: number): Promise<string[]> {
  const some: string[] = []
  while (some.length < count) {
    const next = await found.next()
    if (next === undefined) break
    some.push(next)
  }
  return some
}

function later(a: string, b: string): string {
  return compareText(a, b) >= 0 ? a : b
}
