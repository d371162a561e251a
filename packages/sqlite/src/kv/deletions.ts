import type { DocumentRef, Version } from '@tandemstore/core/adapter'
import { namespaceBytes, textBytes } from '../bytes.js'
import type { Database } from '../database.js'
import { DELETION_MEMORY_MS } from './deletion-memory.js'

/** Whether any deletion is remembered at all, so that a bulk load need not look for each row. */
export function hasDeletions(db: Database, collection: number): boolean {
  const sql = `SELECT EXISTS (SELECT 1 FROM deletion WHERE collection = ?)
    OR EXISTS (SELECT 1 FROM prefix_deletion WHERE collection = ?) AS found`
  return db.prepare(sql).get(collection, collection)?.found === 1
}

/** The highest version at which a document was deleted, by itself or under a prefix. */
export function deletedAt(db: Database, collection: number, { namespace, key }: DocumentRef): Version | undefined {
  const own = db
    .prepare('SELECT version FROM deletion WHERE collection = ? AND namespace = ? AND key = ?')
    .get(collection, namespaceBytes(namespace), textBytes(key))?.version as Version | undefined
  let highest = own
  const ofPrefix = db.prepare('SELECT version FROM prefix_deletion WHERE collection = ? AND prefix = ?')
  for (let depth = 1; depth <= namespace.length; depth += 1) {
    const row = ofPrefix.get(collection, namespaceBytes(namespace.slice(0, depth)))
    const version = row?.version as Version | undefined
    if (version !== undefined && (highest === undefined || version > highest)) highest = version
  }
  return highest
}

export function rememberDeletion(
  db: Database,
  deletion: { collection: number; namespace: Uint8Array; key: Uint8Array; version: Version; at: number },
): void {
  const { collection, namespace, key, version, at } = deletion
  db.prepare(
    `INSERT INTO deletion (collection, namespace, key, version, at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET version = max(version, excluded.version), at = excluded.at`,
  ).run(collection, namespace, key, version, at)
}

export function rememberPrefixDeletion(
  db: Database,
  deletion: { collection: number; prefix: Uint8Array; version: Version; at: number },
): void {
  const { collection, prefix, version, at } = deletion
  db.prepare(
    `INSERT INTO prefix_deletion (collection, prefix, version, at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET version = max(version, excluded.version), at = excluded.at`,
  ).run(collection, prefix, version, at)
}

/** Forgets up to `limit` deletions of each kind that are older than anybody has to remember. */
export function forgetDeletions(db: Database, collection: number, now: number, limit: number): void {
  const before = now - DELETION_MEMORY_MS
  db.prepare(
    `DELETE FROM deletion WHERE collection = ? AND (namespace, key) IN
       (SELECT namespace, key FROM deletion WHERE collection = ? AND at < ? LIMIT ?)`,
  ).run(collection, collection, before, limit)
  db.prepare(
    `DELETE FROM prefix_deletion WHERE collection = ? AND prefix IN
       (SELECT prefix FROM prefix_deletion WHERE collection = ? AND at < ? LIMIT ?)`,
  ).run(collection, collection, before, limit)
}
