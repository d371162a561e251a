import type { Intent, Lease, SpaceRecord, Version } from '@tandemstore/core/adapter'
import { invalid, maxVersion } from '@tandemstore/core/adapter'
import { bytesToNamespace, bytesToText, namespaceBytes, textBytes } from '../bytes.js'
import type { Database } from '../database.js'
import { operation } from '../operation.js'
import { raiseLatest } from './documents.js'
import { parseJson } from './packed-rows.js'

interface StoredIntent {
  readonly version: Version
  readonly kind: Intent['kind']
  readonly namespace: Uint8Array
  readonly key: Uint8Array
  readonly failure: string | null
}

type IntentId = [version: Version, kind: Intent['kind'], namespace: Uint8Array, key: Uint8Array]

function intentId(intent: Pick<Intent, 'version' | 'kind' | 'namespace' | 'key'>): IntentId {
  return [intent.version, intent.kind, namespaceBytes(intent.namespace), textBytes(intent.key)]
}

function toIntent(stored: StoredIntent, space: string): Intent {
  const { version, kind, failure } = stored
  const ref = { namespace: bytesToNamespace(stored.namespace), key: bytesToText(stored.key) }
  return {
    kind,
    ...ref,
    version,
    space,
    ...(failure !== null && { failure: parseJson(failure, 'recorded failure', ref) }),
  }
}

export interface IntentsArgs {
  readonly collection: number
  /** Intents as JSON: many small objects cross to the worker faster as one text. */
  readonly intents: string
}

export const LIST_INTENTS_SQL = `SELECT version, kind, namespace, key, failure FROM intent
  WHERE collection = ? AND space = ? AND (version, kind, namespace, key) > (?, ?, ?, ?)
  ORDER BY version, kind, namespace, key LIMIT ?`

function listIntents(
  db: Database,
  {
    collection,
    space,
    cursor,
    limit,
  }: { collection: number; space: string; cursor?: string | undefined; limit: number },
): { intents: Intent[]; cursor?: string | undefined } {
  const after: IntentId | [string, string, string, string] =
    cursor === undefined ? ['', '', '', ''] : fromCursor(cursor)
  const rows = db.prepare(LIST_INTENTS_SQL).all(collection, space, ...after, limit + 1) as unknown as StoredIntent[]
  const intents = rows.slice(0, limit).map((row) => toIntent(row, space))
  const last = intents.at(-1)
  return rows.length > limit && last !== undefined ? { intents, cursor: toCursor(last) } : { intents }
}

function toCursor({ version, kind, namespace, key }: Intent): string {
  return JSON.stringify({ version, kind, namespace, key })
}

function fromCursor(cursor: string): IntentId {
  try {
    return intentId(JSON.parse(cursor))
  } catch {
    throw invalid('cursor', 'a cursor that listIntents gave')
  }
}

export const kvRecords = {
  /** The number of a collection, which is made if need be. */
  kvOpen: operation('write', (db, { name }: { name: string }): number => {
    db.prepare('INSERT INTO collection (name) VALUES (?) ON CONFLICT DO NOTHING').run(name)
    return db.prepare('SELECT id FROM collection WHERE name = ?').get(name)?.id as number
  }),
  kvAddIntents: operation('write', (db, { collection, intents }: IntentsArgs) => {
    const statement = db.prepare(
      `INSERT INTO intent (collection, space, version, kind, namespace, key, failure) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET failure = excluded.failure`,
    )
    let latest: Version | undefined
    for (const intent of JSON.parse(intents) as Intent[]) {
      const failure = intent.failure === undefined ? null : JSON.stringify(intent.failure)
      statement.run(collection, intent.space, ...intentId(intent), failure)
      latest = latest === undefined ? intent.version : maxVersion(latest, intent.version)
    }
    raiseLatest(db, collection, latest)
  }),
  kvRemoveIntents: operation('write', (db, { collection, intents }: IntentsArgs) => {
    const statement = db.prepare(
      `DELETE FROM intent
         WHERE collection = ? AND space = ? AND version = ? AND kind = ? AND namespace = ? AND key = ?`,
    )
    for (const intent of JSON.parse(intents) as Intent[]) statement.run(collection, intent.space, ...intentId(intent))
  }),
  kvListIntents: operation('read', listIntents),
  kvPutLease: operation('write', (db, { collection, lease }: { collection: number; lease: Lease }) => {
    const { writer, expiresAt, spaces = [] } = lease
    if (expiresAt === 0) db.prepare('DELETE FROM lease WHERE collection = ? AND writer = ?').run(collection, writer)
    else
      db.prepare('REPLACE INTO lease (collection, writer, expires_at, spaces) VALUES (?, ?, ?, ?)').run(
        collection,
        writer,
        expiresAt,
        JSON.stringify(spaces),
      )
  }),
  kvLeases: operation('read', (db, { collection }: { collection: number }): Lease[] =>
    db
      .prepare('SELECT writer, expires_at, spaces FROM lease WHERE collection = ?')
      .all(collection)
      .map((row) => {
        const spaces = JSON.parse(row.spaces as string) as string[]
        const lease = { writer: row.writer as string, expiresAt: row.expires_at as number }
        return spaces.length === 0 ? lease : { ...lease, spaces }
      }),
  ),
  kvPutSpace: operation('write', (db, { collection, space }: { collection: number; space: SpaceRecord }) => {
    db.prepare('REPLACE INTO space_record (collection, name, record) VALUES (?, ?, ?)').run(
      collection,
      space.name,
      JSON.stringify(space),
    )
  }),
  kvDeleteSpace: operation('write', (db, { collection, name }: { collection: number; name: string }) => {
    db.prepare('DELETE FROM space_record WHERE collection = ? AND name = ?').run(collection, name)
  }),
  kvSpaces: operation('read', (db, { collection }: { collection: number }): SpaceRecord[] =>
    db
      .prepare('SELECT record FROM space_record WHERE collection = ? ORDER BY name')
      .all(collection)
      .map((row) => JSON.parse(row.record as string) as SpaceRecord),
  ),
  kvLatest: operation('read', (db, { collection }: { collection: number }): Version | undefined => {
    const latest = db.prepare('SELECT latest FROM collection WHERE id = ?').get(collection)?.latest
    return (latest ?? undefined) as Version | undefined
  }),
}
