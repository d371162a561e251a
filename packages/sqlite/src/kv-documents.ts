import type {
  DeleteRow,
  DocumentRef,
  DocumentRow,
  PutRow,
  Version,
  WriteCondition,
  WriteOutcome,
} from '@tandemstore/core/adapter'
import { namespaceBytes, textBytes } from './bytes.js'
import type { Database } from './database.js'
import { deletedAt, hasDeletions, rememberDeletion } from './kv-deletions.js'
import { operation } from './operation.js'

/** A row without its namespace and key, which the caller knows. */
export type RowContent = Omit<DocumentRow, 'namespace' | 'key'>

export interface StoredRow {
  readonly id: number
  readonly version: Version
  readonly created_at: number
  readonly updated_at: number
  readonly expires_at: number | null
  readonly ttl_ms: number | null
  readonly directive: string | null
  readonly value: string
}

type StoredHead = Pick<StoredRow, 'id' | 'version' | 'created_at' | 'expires_at'>

export const CONTENT = 'version, created_at, updated_at, expires_at, ttl_ms, directive, value'
const BY_REF = 'WHERE collection = ? AND namespace = ? AND key = ?'

export function toContent(stored: StoredRow): RowContent {
  const { version, value, created_at: createdAt, updated_at: updatedAt } = stored
  return {
    version,
    value,
    createdAt,
    updatedAt,
    ...(stored.expires_at !== null && { expiresAt: stored.expires_at }),
    ...(stored.ttl_ms !== null && { ttlMs: stored.ttl_ms }),
    ...(stored.directive !== null && { index: JSON.parse(stored.directive) as false | string[] }),
  }
}

/** Keeps the highest version that took effect, so that clock() need not look for it. */
export function witness(db: Database, collection: number, version: Version | undefined): void {
  if (version === undefined) return
  db.prepare('UPDATE collection SET latest = ?1 WHERE id = ?2 AND (latest IS NULL OR latest < ?1)').run(
    version,
    collection,
  )
}

function put(
  db: Database,
  collection: number,
  { row, condition }: PutRow,
  now: number,
  deletions: boolean,
): WriteOutcome {
  const namespace = namespaceBytes(row.namespace)
  const key = textBytes(row.key)
  const { version, value, createdAt, updatedAt } = row
  const expiresAt = row.expiresAt ?? null
  const ttlMs = row.ttlMs ?? null
  const directive = row.index === undefined ? null : JSON.stringify(row.index)

  const conditionOnRow = condition?.kind === 'version'
  const deleted = deletions ? deletedAt(db, collection, row) : undefined
  if (!conditionOnRow && (deleted === undefined || deleted < version)) {
    // Most rows are new: then this one statement is all.
    const { changes } = db
      .prepare(
        `INSERT INTO document (collection, namespace, key, ${CONTENT})
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      )
      .run(collection, namespace, key, version, createdAt, updatedAt, expiresAt, ttlMs, directive, value)
    if (changes === 1) return { status: 'written', existed: false }
  }
  const stored = head(db, collection, namespace, key)
  if (condition !== undefined && !holds(condition, stored)) return { status: 'conflict', version: stored?.version }
  if (stored !== undefined && stored.version > version) return { status: 'superseded', version: stored.version }
  if (deleted !== undefined && deleted >= version) return { status: 'superseded', version: deleted }
  // A condition on a row holds only if there is one, and without it a row that is absent has been inserted above.
  if (stored === undefined) throw new Error('A row is neither there nor absent')
  const live = !hasExpired(stored, now)
  db.prepare(
    `UPDATE document SET version = ?, created_at = ?, updated_at = ?, expires_at = ?, ttl_ms = ?, directive = ?, value = ?
     WHERE id = ?`,
  ).run(version, live ? stored.created_at : createdAt, updatedAt, expiresAt, ttlMs, directive, value, stored.id)
  return { status: 'written', existed: live }
}

function remove(db: Database, collection: number, each: DeleteRow, now: number): WriteOutcome {
  const { version, condition } = each
  const namespace = namespaceBytes(each.namespace)
  const key = textBytes(each.key)
  const stored = head(db, collection, namespace, key)
  if (condition !== undefined && !holds(condition, stored)) return { status: 'conflict', version: stored?.version }
  if (stored !== undefined && stored.version > version) return { status: 'superseded', version: stored.version }
  const deleted = deletedAt(db, collection, each)
  if (deleted !== undefined && deleted > version) return { status: 'superseded', version: deleted }
  if (stored !== undefined) db.prepare('DELETE FROM document WHERE id = ?').run(stored.id)
  rememberDeletion(db, { collection, namespace, key, version, at: now })
  return { status: 'written', existed: stored !== undefined && !hasExpired(stored, now) }
}

function head(db: Database, collection: number, namespace: Uint8Array, key: Uint8Array): StoredHead | undefined {
  const sql = `SELECT id, version, created_at, expires_at FROM document ${BY_REF}`
  return db.prepare(sql).get(collection, namespace, key) as StoredHead | undefined
}

function hasExpired(row: { readonly expires_at: number | null }, now: number): boolean {
  return row.expires_at !== null && row.expires_at <= now
}

function holds(condition: WriteCondition, stored: StoredHead | undefined): boolean {
  const live = stored !== undefined && !hasExpired(stored, condition.now)
  return condition.kind === 'absent' ? !live : live && stored.version === condition.version
}

/** The highest version of those that took effect. */
function highest(versions: readonly Version[], outcomes: readonly WriteOutcome[]): Version | undefined {
  let latest: Version | undefined
  for (const [i, version] of versions.entries()) {
    if (outcomes[i]?.status === 'written' && (latest === undefined || version > latest)) latest = version
  }
  return latest
}

export const kvDocuments = {
  kvGet: operation('read', (db, args: { collection: number; refs: readonly DocumentRef[] }) => {
    const statement = db.prepare(`SELECT id, ${CONTENT} FROM document ${BY_REF}`)
    return args.refs.map((ref) => {
      const row = statement.get(args.collection, namespaceBytes(ref.namespace), textBytes(ref.key))
      return row && toContent(row as unknown as StoredRow)
    })
  }),
  kvPut: operation('write', (db, args: { collection: number; writes: readonly PutRow[]; now: number }) => {
    const { collection, writes, now } = args
    const deletions = hasDeletions(db, collection)
    const outcomes = writes.map((write) => put(db, collection, write, now, deletions))
    const versions = writes.map((write) => write.row.version)
    witness(db, collection, highest(versions, outcomes))
    return outcomes
  }),
  kvDelete: operation('write', (db, args: { collection: number; deletes: readonly DeleteRow[]; now: number }) => {
    const { collection, deletes, now } = args
    const outcomes = deletes.map((each) => remove(db, collection, each, now))
    const versions = deletes.map((each) => each.version)
    witness(db, collection, highest(versions, outcomes))
    return outcomes
  }),
  kvTouch: operation('write', (db, args: { collection: number; touches: readonly Touch[] }) => {
    const select = db.prepare(`SELECT id, ${CONTENT} FROM document ${BY_REF} AND version = ?`)
    const update = db.prepare('UPDATE document SET expires_at = ? WHERE id = ?')
    return args.touches.map(({ namespace, key, version, expiresAt }) => {
      const row = select.get(args.collection, namespaceBytes(namespace), textBytes(key), version)
      if (row === undefined) return undefined
      const stored = row as unknown as StoredRow
      if (stored.expires_at === null || stored.expires_at >= expiresAt) return toContent(stored)
      update.run(expiresAt, stored.id)
      return toContent({ ...stored, expires_at: expiresAt })
    })
  }),
}

export type Touch = DocumentRef & { readonly version: Version; readonly expiresAt: number }
