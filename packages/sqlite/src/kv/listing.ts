import type { DocumentRef, DocumentRow, Namespace, Version } from '@tandemstore/core/adapter'
import { bytesToNamespace, bytesToText, namespaceBytes, prefixEnd, textBytes } from '../bytes.js'
import type { Database } from '../database.js'
import { operation } from '../operation.js'
import { forgetDeletions, rememberDeletion, rememberPrefixDeletion } from './deletions.js'
import { raiseLatest } from './documents.js'
import { CONTENT, type PackedRow, unpackRow } from './packed-rows.js'

/**
 * A page of rows ends early at so many characters of values, so that it crosses to the main thread in a few
 * milliseconds.
 */
const MAX_PAGE_LENGTH = 4_000_000
/** Rows that one transaction deletes; between two, other requests take their turn. */
const DELETE_STEP = 2000

/** Rows of a stretch of namespaces in order, from a reference on. */
export const LIST_SQL = `SELECT namespace, key, ${CONTENT} FROM document
  WHERE collection = ? AND (namespace, key) > (?, ?) AND namespace < ? ORDER BY namespace, key`

/** The first namespace with a row that has not expired. */
export const NAMESPACE_SQL = `SELECT namespace FROM document
  WHERE collection = ? AND namespace >= ? AND namespace < ? AND (expires_at IS NULL OR expires_at > ?)
  ORDER BY namespace, key LIMIT 1`

export const DELETE_PREFIX_SQL = `DELETE FROM document WHERE id IN (SELECT id FROM document
  WHERE collection = ? AND namespace >= ? AND namespace < ? AND version <= ? LIMIT ?)`

const NO_KEY = new Uint8Array(0)
const NUL = Buffer.from([0])

function list(
  db: Database,
  { collection, prefix, after, limit }: ListArgs,
): { rows: DocumentRow[]; next?: DocumentRef | undefined } {
  const begin = namespaceBytes(prefix)
  const from = after && namespaceBytes(after.namespace)
  // A key is never empty, so that (prefix, '') comes before every row under the prefix.
  const start: [Uint8Array, Uint8Array] =
    from !== undefined && after !== undefined && Buffer.compare(from, begin) >= 0
      ? [from, textBytes(after.key)]
      : [begin, NO_KEY]
  const rows: DocumentRow[] = []
  let length = 0
  const statement = db.prepare(LIST_SQL)
  statement.setReturnArrays(true)
  for (const each of statement.iterate(collection, ...start, prefixEnd(begin))) {
    const last = rows.at(-1)
    if (last !== undefined && (rows.length >= limit || length >= MAX_PAGE_LENGTH)) {
      return { rows, next: { namespace: last.namespace, key: last.key } }
    }
    const [namespace, key, ...content] = each as unknown as [Uint8Array, Uint8Array, ...PackedRow]
    const ref = { namespace: bytesToNamespace(namespace), key: bytesToText(key) }
    rows.push({ ...ref, ...unpackRow(content, ref) })
    length += content[6].length
  }
  return { rows }
}

function namespaces(
  db: Database,
  { collection, prefix, maxDepth = Number.POSITIVE_INFINITY, after, limit, now }: NamespacesArgs,
): { namespaces: Namespace[]; next?: Namespace | undefined } {
  const begin = namespaceBytes(prefix)
  const end = prefixEnd(begin)
  const statement = db.prepare(NAMESPACE_SQL)
  let from = begin
  if (after !== undefined) {
    const behind = firstBehind(after, maxDepth)
    if (Buffer.compare(behind, begin) > 0) from = behind
  }
  const found: Namespace[] = []
  for (;;) {
    const row = statement.get(collection, from, end, now)
    if (row === undefined) return { namespaces: found }
    const last = found.at(-1)
    if (last !== undefined && found.length >= limit) return { namespaces: found, next: last }
    const namespace = bytesToNamespace(row.namespace as Uint8Array).slice(0, maxDepth)
    found.push(namespace)
    from = firstBehind(namespace, maxDepth)
  }
}

/** The first bytes after a namespace and, where it is cut and stands for all that it begins, after all of that. */
function firstBehind(namespace: Namespace, maxDepth: number): Buffer {
  const bytes = namespaceBytes(namespace.slice(0, maxDepth))
  return namespace.length >= maxDepth ? prefixEnd(bytes) : Buffer.concat([bytes, NUL])
}

export const kvListing = {
  kvList: operation('read', list),
  kvNamespaces: operation('read', namespaces),
  /** One step of a deletion by prefix. Says whether there may be more to delete. */
  kvDeletePrefix: operation(
    'write',
    (
      db,
      args: { collection: number; prefix: Namespace; version: Version; now: number },
    ): { deleted: number; more: boolean } => {
      const { collection, version, now } = args
      const prefix = namespaceBytes(args.prefix)
      rememberPrefixDeletion(db, { collection, prefix, version, at: now })
      raiseLatest(db, collection, version)
      const { changes } = db.prepare(DELETE_PREFIX_SQL).run(collection, prefix, prefixEnd(prefix), version, DELETE_STEP)
      return { deleted: Number(changes), more: changes === DELETE_STEP }
    },
  ),
  kvDeleteExpired: operation(
    'write',
    (db, args: { collection: number; before: number; limit: number; now: number }): number => {
      const { collection, before, limit, now } = args
      forgetDeletions(db, collection, now, limit)
      const expired = db
        .prepare('SELECT id, namespace, key, version FROM document WHERE collection = ? AND expires_at <= ? LIMIT ?')
        .all(collection, before, limit) as unknown as ExpiredRow[]
      const remove = db.prepare('DELETE FROM document WHERE id = ?')
      for (const { id, namespace, key, version } of expired) {
        remove.run(id)
        // A late write older than the row must not come up in its place.
        rememberDeletion(db, { collection, namespace, key, version, at: now })
      }
      return expired.length
    },
  ),
}

export interface ListArgs {
  readonly collection: number
  readonly prefix: Namespace
  readonly after?: DocumentRef | undefined
  readonly limit: number
}

export interface NamespacesArgs {
  readonly collection: number
  readonly prefix: Namespace
  readonly maxDepth?: number | undefined
  readonly after?: Namespace | undefined
  readonly limit: number
  readonly now: number
}

interface ExpiredRow {
  readonly id: number
  readonly namespace: Uint8Array
  readonly key: Uint8Array
  readonly version: Version
}
