import type { StatementSync } from 'node:sqlite'
import type { DeleteRow, DocumentRef, PutRow, Version, WriteCondition, WriteOutcome } from '@tandemstore/core/adapter'
import { namespaceBytes, textBytes } from '../bytes.js'
import type { Database } from '../database.js'
import { operation } from '../operation.js'
import { deletedAt, hasDeletions, rememberDeletion } from './deletions.js'
import { CONTENT, type PackedRow, type RowContent, unpackRow } from './packed-rows.js'
import { type PackedWrites, unpackWrites } from './packed-writes.js'

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

const BY_REF = 'WHERE collection = ? AND namespace = ? AND key = ?'

export function toContent(stored: StoredRow, ref: DocumentRef): RowContent {
  const { version, created_at, updated_at, expires_at, ttl_ms, directive, value } = stored
  return unpackRow([version, created_at, updated_at, expires_at, ttl_ms, directive, value], ref)
}

/** Keeps the highest version that took effect, so that clock() need not look for it. */
export function raiseLatest(db: Database, collection: number, version: Version | undefined): void {
  if (version === undefined) return
  // No numbered parameters here or elsewhere: node:sqlite of Node.js 22 does not bind them.
  db.prepare('UPDATE collection SET latest = ? WHERE id = ? AND (latest IS NULL OR latest < ?)').run(
    ...[version, collection, version],
  )
}

/** What the writes of one batch share. */
interface Batch {
  readonly db: Database
  readonly collection: number
  readonly now: number
  readonly head: StatementSync
}

function beginBatch(db: Database, collection: number, now: number): Batch {
  const head = db.prepare(`SELECT id, version, created_at, expires_at FROM document ${BY_REF}`)
  return { db, collection, now, head }
}

function putAll(batch: Batch, writes: readonly PutRow[]): WriteOutcome[] {
  const { db, collection, now } = batch
  const deletions = hasDeletions(db, collection)
  const insert = db.prepare(
    `INSERT INTO document (collection, namespace, key, ${CONTENT})
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  )
  const update = db.prepare(
    `UPDATE document SET version = ?, created_at = ?, updated_at = ?, expires_at = ?, ttl_ms = ?, directive = ?, value = ?
     WHERE id = ?`,
  )
  return writes.map(({ row, condition }) => {
    const namespace = namespaceBytes(row.namespace)
    const key = textBytes(row.key)
    const { version, value, createdAt, updatedAt } = row
    const expiresAt = row.expiresAt ?? null
    const ttlMs = row.ttlMs ?? null
    const directive = row.index === undefined ? null : JSON.stringify(row.index)
    const deleted = deletions ? deletedAt(db, collection, row) : undefined
    const tooLate = deleted !== undefined && deleted >= version

    if (condition?.kind !== 'version' && !tooLate) {
      // Most rows are new: then this one statement is all.
      const { changes } = insert.run(
        ...[collection, namespace, key, version, createdAt, updatedAt, expiresAt, ttlMs, directive, value],
      )
      if (changes === 1) return { status: 'written', existed: false }
    }
    const stored = readHead(batch, namespace, key)
    if (condition !== undefined && !holds(condition, stored)) return { status: 'conflict', version: stored?.version }
    if (stored !== undefined && stored.version > version) return { status: 'superseded', version: stored.version }
    if (tooLate) return { status: 'superseded', version: deleted }
    // Without a row here, the condition would not have held, or the row would have been inserted.
    if (stored === undefined) throw new Error('A row is neither there nor absent')
    const live = !hasExpired(stored, now)
    const created = live ? stored.created_at : createdAt
    update.run(version, created, updatedAt, expiresAt, ttlMs, directive, value, stored.id)
    return { status: 'written', existed: live }
  })
}

function deleteAll(batch: Batch, deletes: readonly DeleteRow[]): WriteOutcome[] {
  const { db, collection, now } = batch
  const remove = db.prepare('DELETE FROM document WHERE id = ?')
  return deletes.map((each) => {
    const { version, condition } = each
    const namespace = namespaceBytes(each.namespace)
    const key = textBytes(each.key)
    const stored = readHead(batch, namespace, key)
    if (condition !== undefined && !holds(condition, stored)) return { status: 'conflict', version: stored?.version }
    if (stored !== undefined && stored.version > version) return { status: 'superseded', version: stored.version }
    const deleted = deletedAt(db, collection, each)
    if (deleted !== undefined && deleted > version) return { status: 'superseded', version: deleted }
    if (stored !== undefined) remove.run(stored.id)
    rememberDeletion(db, { collection, namespace, key, version, at: now })
    return { status: 'written', existed: stored !== undefined && !hasExpired(stored, now) }
  })
}

function readHead({ head, collection }: Batch, namespace: Uint8Array, key: Uint8Array): StoredHead | undefined {
  return head.get(collection, namespace, key) as StoredHead | undefined
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
    const statement = db.prepare(`SELECT ${CONTENT} FROM document ${BY_REF}`)
    statement.setReturnArrays(true)
    return args.refs.map((ref) => {
      const row: unknown = statement.get(args.collection, namespaceBytes(ref.namespace), textBytes(ref.key))
      return row as PackedRow | undefined
    })
  }),
  kvPut: operation('write', (db, args: { collection: number; writes: PackedWrites; now: number }) => {
    const { collection, now } = args
    const writes = unpackWrites(args.writes)
    const outcomes = putAll(beginBatch(db, collection, now), writes)
    const versions = writes.map((write) => write.row.version)
    raiseLatest(db, collection, highest(versions, outcomes))
    return outcomes
  }),
  kvDelete: operation('write', (db, args: { collection: number; deletes: readonly DeleteRow[]; now: number }) => {
    const { collection, deletes, now } = args
    const outcomes = deleteAll(beginBatch(db, collection, now), deletes)
    const versions = deletes.map((each) => each.version)
    raiseLatest(db, collection, highest(versions, outcomes))
    return outcomes
  }),
  kvTouch: operation('write', (db, args: { collection: number; touches: readonly Touch[] }) => {
    const select = db.prepare(`SELECT id, ${CONTENT} FROM document ${BY_REF} AND version = ?`)
    const update = db.prepare('UPDATE document SET expires_at = ? WHERE id = ?')
    return args.touches.map(({ namespace, key, version, expiresAt }) => {
      const row = select.get(args.collection, namespaceBytes(namespace), textBytes(key), version)
      if (row === undefined) return undefined
      const stored = row as unknown as StoredRow
      if (stored.expires_at === null || stored.expires_at >= expiresAt) return toContent(stored, { namespace, key })
      update.run(expiresAt, stored.id)
      return toContent({ ...stored, expires_at: expiresAt }, { namespace, key })
    })
  }),
}

export type Touch = DocumentRef & { readonly version: Version; readonly expiresAt: number }
