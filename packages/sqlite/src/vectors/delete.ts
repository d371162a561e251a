import type { Namespace, Version } from '@tandemstore/core/adapter'
import { namespaceBytes, prefixEnd } from '../bytes.js'
import type { Database } from '../database.js'
import { operation } from '../operation.js'
import { noteChanges } from './note-changes.js'
import { POINTS_PER_DOCUMENT } from './point-id.js'
import { readSpace, type Space } from './space.js'
import { deleteTerms } from './spaces.js'
import { deleteWordsOf } from './words/store-words.js'

/** Documents that one transaction deletes; between two, other requests take their turn. */
const DELETE_STEP = 1000

export interface StoredDocument {
  readonly id: number
  readonly version: Version
  readonly terms: string
}

/** Deletes a row with all its points, their words and its terms. Returns how many points. */
export function deleteDocument(db: Database, space: Space, row: Pick<StoredDocument, 'id' | 'terms'>): number {
  const { document, point } = space.tables
  const first = row.id * POINTS_PER_DOCUMENT
  const { changes } = db
    .prepare(`DELETE FROM ${point} WHERE id >= ? AND id < ?`)
    .run(first, first + POINTS_PER_DOCUMENT)
  deleteWordsOf(db, space, row.id)
  deleteTerms(db, space, row.id, JSON.parse(row.terms))
  db.prepare(`DELETE FROM ${document} WHERE id = ?`).run(row.id)
  return Number(changes)
}

function idsOf(rows: readonly StoredDocument[]): number[] {
  return rows.map(({ id }) => id)
}

export const vectorsDelete = {
  /** One step of a deletion by prefix. Says whether there may be more to delete. */
  vectorsDeletePrefix: operation(
    'write',
    (db, args: { space: number; prefix: Namespace; version: Version }): boolean => {
      const space = readSpace(db, args.space)
      const { document, documentRef } = space.tables
      const prefix = namespaceBytes(args.prefix)
      const rows = db
        .prepare(
          `SELECT id, terms FROM ${document} INDEXED BY ${documentRef}
           WHERE namespace >= ? AND namespace < ? AND version <= ? LIMIT ?`,
        )
        .all(prefix, prefixEnd(prefix), args.version, DELETE_STEP) as unknown as StoredDocument[]
      for (const row of rows) deleteDocument(db, space, row)
      noteChanges(db, space, idsOf(rows))
      return rows.length === DELETE_STEP
    },
  ),
  /** One step of the deletion of what has expired: how many points went, and whether there may be more. */
  vectorsDeleteExpired: operation(
    'write',
    (db, args: { space: number; before: number }): { points: number; more: boolean } => {
      const space = readSpace(db, args.space)
      const rows = db
        .prepare(`SELECT id, terms FROM ${space.tables.document} WHERE expires_at <= ? LIMIT ?`)
        .all(args.before, DELETE_STEP) as unknown as StoredDocument[]
      let points = 0
      for (const row of rows) points += deleteDocument(db, space, row)
      noteChanges(db, space, idsOf(rows))
      return { points, more: rows.length === DELETE_STEP }
    },
  ),
}
