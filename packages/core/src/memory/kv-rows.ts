import { encodeNamespace, refId } from '../document/namespace.js'
import type { DocumentRef, Namespace, Version } from '../ports/common.js'
import type {
  DeleteRow,
  DocumentRow,
  Lease,
  PutRow,
  SpaceRecord,
  WriteCondition,
  WriteOutcome,
} from '../ports/kv-records.js'
import type { IntentLog } from './intent-log.js'
import { OrderedKeys } from './ordered-keys.js'

interface Deletion {
  readonly version: Version
  /** When it was made, milliseconds since the Unix epoch. */
  readonly at: number
}

/** All that one collection holds. */
export interface CollectionData {
  /** By refId. */
  readonly rows: Map<string, DocumentRow>
  readonly order: OrderedKeys
  /** Deletions of documents by refId, the oldest first. */
  readonly deletions: Map<string, Deletion>
  /** Deletions of prefixes by encoded prefix, the oldest first. */
  readonly prefixDeletions: Map<string, Deletion>
  /** By space. */
  readonly intents: Map<string, IntentLog>
  readonly leases: Map<string, Lease>
  readonly spaces: Map<string, SpaceRecord>
  /** The highest version of any write that took effect. */
  latest: Version | undefined
}

export function newCollection(): CollectionData {
  const rows = new Map<string, DocumentRow>()
  return {
    rows,
    order: new OrderedKeys(rows),
    deletions: new Map(),
    prefixDeletions: new Map(),
    intents: new Map(),
    leases: new Map(),
    spaces: new Map(),
    latest: undefined,
  }
}

export function hasExpired(row: DocumentRow, now: number): boolean {
  return row.expiresAt !== undefined && row.expiresAt <= now
}

/** A condition that holds lets no lower version in either: the versions of a document only rise. */
export function putRow(data: CollectionData, { row, condition }: PutRow, now: number): WriteOutcome {
  const id = refId(row)
  const stored = data.rows.get(id)
  if (condition !== undefined && !holds(condition, stored)) return { status: 'conflict', version: stored?.version }
  if (stored !== undefined && stored.version > row.version) return { status: 'superseded', version: stored.version }
  const deleted = deletedAt(data, id, row.namespace)
  if (deleted !== undefined && deleted >= row.version) return { status: 'superseded', version: deleted }

  const live = stored !== undefined && !hasExpired(stored, now)
  data.rows.set(id, live && stored.createdAt !== row.createdAt ? { ...row, createdAt: stored.createdAt } : row)
  if (stored === undefined) data.order.added(id)
  witness(data, row.version)
  return { status: 'written', existed: live }
}

export function deleteRow(
  data: CollectionData,
  { namespace, key, version, condition }: DeleteRow,
  now: number,
): WriteOutcome {
  const id = refId({ namespace, key })
  const stored = data.rows.get(id)
  if (condition !== undefined && !holds(condition, stored)) return { status: 'conflict', version: stored?.version }
  if (stored !== undefined && stored.version > version) return { status: 'superseded', version: stored.version }
  const deleted = deletedAt(data, id, namespace)
  if (deleted !== undefined && deleted > version) return { status: 'superseded', version: deleted }

  if (stored !== undefined) removeRow(data, id)
  remember(data.deletions, id, version, now)
  witness(data, version)
  return { status: 'written', existed: stored !== undefined && !hasExpired(stored, now) }
}

export function deleteUnder(data: CollectionData, prefix: Namespace, version: Version, now: number): number {
  const encoded = encodeNamespace(prefix)
  let deleted = 0
  for (const [id, row] of data.rows) {
    if (!id.startsWith(encoded) || row.version > version) continue
    removeRow(data, id)
    deleted += 1
  }
  remember(data.prefixDeletions, encoded, version, now)
  witness(data, version)
  return deleted
}

export function touchRow(
  data: CollectionData,
  touch: DocumentRef & { readonly version: Version; readonly expiresAt: number },
): DocumentRow | undefined {
  const id = refId(touch)
  const stored = data.rows.get(id)
  if (stored === undefined || stored.version !== touch.version) return undefined
  if (stored.expiresAt === undefined || stored.expiresAt >= touch.expiresAt) return stored
  const row = { ...stored, expiresAt: touch.expiresAt }
  data.rows.set(id, row)
  return row
}

export function deleteExpiredRows(
  data: CollectionData,
  before: number,
  limit: number,
  now: number,
  deletionMemoryMs: number,
): number {
  for (const deletions of [data.deletions, data.prefixDeletions]) {
    for (const [id, { at }] of deletions) {
      if (now - at <= deletionMemoryMs) break
      deletions.delete(id)
    }
  }
  let count = 0
  for (const [id, row] of data.rows) {
    if (count === limit) break
    if (!hasExpired(row, before)) continue
    removeRow(data, id)
    // A late write older than the row must not come up in its place.
    remember(data.deletions, id, row.version, now)
    count += 1
  }
  return count
}

function holds(condition: WriteCondition, stored: DocumentRow | undefined): boolean {
  const live = stored !== undefined && !hasExpired(stored, condition.now)
  return condition.kind === 'absent' ? !live : live && stored.version === condition.version
}

/** The highest version at which a document was deleted, by itself or under a prefix. */
function deletedAt(data: CollectionData, id: string, namespace: Namespace): Version | undefined {
  let version = data.deletions.get(id)?.version
  if (data.prefixDeletions.size === 0) return version
  for (let end = 1; end <= namespace.length; end += 1) {
    const above = data.prefixDeletions.get(encodeNamespace(namespace.slice(0, end)))?.version
    if (above !== undefined && (version === undefined || above > version)) version = above
  }
  return version
}

function removeRow(data: CollectionData, id: string): void {
  data.rows.delete(id)
  data.order.removed()
}

function remember(deletions: Map<string, Deletion>, id: string, version: Version, at: number): void {
  const known = deletions.get(id)
  // Set anew, so that the oldest stay first.
  deletions.delete(id)
  deletions.set(id, { version: known !== undefined && known.version > version ? known.version : version, at })
}

function witness(data: CollectionData, version: Version): void {
  if (data.latest === undefined || version > data.latest) data.latest = version
}
