import { DatabaseSync } from 'node:sqlite'
import type { DocumentPoints, Intent, Namespace, PutRow } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import { termsOf } from '../dist/vectors/terms.js'

/** Points with the text of their document's terms, which is part of the row. */
export type DocumentWithTerms = DocumentPoints & { readonly terms: string }

/** The statements that the adapter has to run at least, one transaction for each call, and no questions asked. */
export interface BareWriter {
  addIntents(intents: readonly Intent[]): void
  put(writes: readonly PutRow[]): void
  addPoints(documents: readonly DocumentWithTerms[]): void
  removeIntents(intents: readonly Intent[]): void
  close(): void
}

/** What a bare writer is given: making the terms is no part of writing rows. */
export function documentRows(documents: readonly DocumentPoints[]): DocumentWithTerms[] {
  return documents.map((document) => ({ ...document, terms: JSON.stringify(termsOf(document.values)) }))
}

/** Writes into the tables that the adapter makes, with its settings. */
export async function bareWriter(path: string, dimensions: number): Promise<BareWriter> {
  const { vectors } = sqlite({ path })
  const space = await vectors.open({ name: 'bench', dimensions, metric: 'cosine', filterable: {} })
  await space.close()
  const db = new DatabaseSync(path)
  db.exec('PRAGMA synchronous = normal; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4096')
  const addIntent = db.prepare('INSERT INTO intent VALUES (1, ?, ?, ?, ?, ?, NULL)')
  const put = db.prepare('INSERT INTO document VALUES (NULL, 1, ?, ?, ?, ?, ?, NULL, NULL, NULL, ?)')
  const addDocument = db.prepare('INSERT INTO space_1_document VALUES (NULL, ?, ?, ?, NULL, ?, ?)')
  const addPoint = db.prepare('INSERT INTO space_1_point VALUES (?, ?, ?, ?, ?, 1, ?)')
  const removeIntent = db.prepare(
    'DELETE FROM intent WHERE collection = 1 AND space = ? AND version = ? AND kind = ? AND namespace = ? AND key = ?',
  )
  const transaction = (body: () => void): void => {
    db.exec('BEGIN IMMEDIATE')
    body()
    db.exec('COMMIT')
  }
  return {
    addIntents: (intents) =>
      transaction(() => {
        for (const { space, version, kind, namespace, key } of intents)
          addIntent.run(space, version, kind, bytes(namespace), Buffer.from(key))
      }),
    put: (writes) =>
      transaction(() => {
        for (const { row } of writes)
          put.run(bytes(row.namespace), Buffer.from(row.key), row.version, row.createdAt, row.updatedAt, row.value)
      }),
    addPoints: (documents) =>
      transaction(() => {
        for (const { namespace, key, version, fingerprint, terms, points } of documents) {
          const { lastInsertRowid } = addDocument.run(bytes(namespace), Buffer.from(key), version, fingerprint, terms)
          for (const { id, field, part, hash, vector } of points)
            addPoint.run(Number(lastInsertRowid) * 65_536, id, field, part, hash, vector as Float32Array)
        }
      }),
    removeIntents: (intents) =>
      transaction(() => {
        for (const { space, version, kind, namespace, key } of intents)
          removeIntent.run(space, version, kind, bytes(namespace), Buffer.from(key))
      }),
    close: () => db.close(),
  }
}

function bytes(namespace: Namespace): Buffer {
  return Buffer.from(`${namespace.join('\0')}\0`)
}

export function randomVector(dimensions: number): Float32Array {
  return Float32Array.from({ length: dimensions }, () => Math.random() - 0.5)
}
