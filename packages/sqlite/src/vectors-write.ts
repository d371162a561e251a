import { type DocumentPoints, invalid, type Namespace, type Point, type Version } from '@tandemstore/core/adapter'
import { namespaceBytes, prefixEnd, textBytes } from './bytes.js'
import type { Database } from './database.js'
import { operation } from './operation.js'
import { termsOf } from './terms.js'
import { vectorBytes, vectorNorm } from './vector-math.js'
import { deleteTerms, insertTerms, POINTS_PER_DOCUMENT, readSpace, type Space } from './vectors-spaces.js'

/** A point on its way to the worker: its vector is `length` numbers from `at` on in the array of the batch. */
export interface PackedPoint extends Omit<Point, 'vector'> {
  readonly at?: number | undefined
  readonly length?: number | undefined
}

export interface PackedDocument extends Omit<DocumentPoints, 'points'> {
  readonly points: readonly PackedPoint[]
}

/** Documents that one transaction deletes; between two, other requests take their turn. */
const DELETE_STEP = 1000

interface StoredDocument {
  readonly id: number
  readonly version: Version
  readonly terms: string
}

interface StoredPoint {
  readonly id: number
  readonly uuid: string
  readonly hash: string
}

/** A row of a document that gives way, with its points by UUID. */
interface Yielding {
  readonly row: StoredDocument
  readonly points: Map<string, StoredPoint>
}

/*
 * Nearly always a document has one row, of one version. It has more while points of it were left as they are: because they are newer
 * than what came, or because a point came without a vector and has another text. Each row keeps what its own points were written with.
 */
function replace(db: Database, space: Space, document: PackedDocument, vectors: Float32Array): 'done' | 'missing' {
  checkPoints(document, space)
  const { stored, newer } = readStored(db, space, document)
  const given = document.points.filter((point) => !newer.has(point.id))
  let missing = false
  /** Points that are left as they are, so that their row cannot take the new version. */
  const left = new Set<Yielding>()
  const toWrite: { point: PackedPoint; from?: Yielding | undefined; old?: StoredPoint | undefined }[] = []
  for (const point of given) {
    const from = stored.find(({ points }) => points.has(point.id))
    const old = from?.points.get(point.id)
    if (point.at === undefined && old?.hash !== point.hash) {
      missing = true
      if (from !== undefined) left.add(from)
    } else {
      toWrite.push({ point, from, old })
    }
  }
  const target = toWrite.length === 0 ? undefined : stored.find((each) => !left.has(each))
  const targetId = toWrite.length === 0 ? undefined : writeDocument(db, space, document, target?.row)
  const kept = new Set(given.map((point) => point.id))
  for (const each of stored) {
    for (const old of each.points.values()) if (!kept.has(old.uuid)) deletePoint(db, space, old.id)
  }
  if (targetId !== undefined) {
    const used = new Set<number>()
    for (const { from, old } of toWrite) if (old !== undefined && from === target) used.add(old.id)
    let next = targetId * POINTS_PER_DOCUMENT
    for (const { point, from, old } of toWrite) {
      const inPlace = old !== undefined && from === target
      while (!inPlace && used.has(next)) next += 1
      const id = inPlace ? old.id : next
      used.add(id)
      writePoint(db, space, { id, point, old, vectors })
    }
  }
  for (const each of stored) if (each !== target && !left.has(each)) deleteDocument(db, space, each.row)
  return missing ? 'missing' : 'done'
}

function checkPoints({ points, namespace, key }: PackedDocument, space: Space): void {
  if (points.length > POINTS_PER_DOCUMENT) {
    throw invalid('points', `at most ${POINTS_PER_DOCUMENT} points, not ${points.length}`, { namespace, key })
  }
  for (const { at, length } of points) {
    if (at === undefined || length === space.dimensions) continue
    throw invalid('vector', `${space.dimensions} dimensions, not ${length}`, { namespace, key })
  }
}

/** The rows of a document that give way, and the UUIDs of the points that do not. */
function readStored(db: Database, space: Space, document: PackedDocument): { stored: Yielding[]; newer: Set<string> } {
  const rows = db
    .prepare(`SELECT id, version, terms FROM ${space.tables.document} WHERE namespace = ? AND key = ?`)
    .all(namespaceBytes(document.namespace), textBytes(document.key)) as unknown as StoredDocument[]
  const stored: Yielding[] = []
  const newer = new Set<string>()
  for (const row of rows) {
    const points = pointsOf(db, space, row.id)
    if (row.version <= document.version || row.version === document.replaces) {
      stored.push({ row, points: new Map(points.map((point) => [point.uuid, point])) })
    } else {
      for (const { uuid } of points) newer.add(uuid)
    }
  }
  return { stored, newer }
}

function pointsOf(db: Database, space: Space, document: number): StoredPoint[] {
  const first = document * POINTS_PER_DOCUMENT
  return db
    .prepare(`SELECT id, uuid, hash FROM ${space.tables.point} WHERE id >= ? AND id < ?`)
    .all(first, first + POINTS_PER_DOCUMENT) as unknown as StoredPoint[]
}

/** Writes the row that the points of this version share: over `old`, or a new one. Returns its id. */
function writeDocument(db: Database, space: Space, document: PackedDocument, old: StoredDocument | undefined): number {
  const { version, expiresAt = null, fingerprint } = document
  const terms = termsOf(document.values)
  const json = JSON.stringify(terms)
  const { document: table } = space.tables
  if (old === undefined) {
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO ${table} (namespace, key, version, expires_at, fingerprint, terms) VALUES (?, ?, ?, ?, ?, ?)`,
      )
      .run(namespaceBytes(document.namespace), textBytes(document.key), version, expiresAt, fingerprint, json)
    const id = Number(lastInsertRowid)
    insertTerms(db, space, id, terms)
    return id
  }
  db.prepare(`UPDATE ${table} SET version = ?, expires_at = ?, fingerprint = ?, terms = ? WHERE id = ?`).run(
    version,
    expiresAt,
    fingerprint,
    json,
    old.id,
  )
  if (old.terms !== json) {
    deleteTerms(db, space, old.id, JSON.parse(old.terms))
    insertTerms(db, space, old.id, terms)
  }
  return old.id
}

function writePoint(
  db: Database,
  space: Space,
  write: { id: number; point: PackedPoint; old: StoredPoint | undefined; vectors: Float32Array },
): void {
  const { id, point, old, vectors } = write
  const { point: table } = space.tables
  if (point.at === undefined) {
    if (old !== undefined && old.id !== id) {
      db.prepare(`UPDATE ${table} SET id = ? WHERE id = ?`).run(id, old.id)
    }
    return
  }
  const vector = vectors.subarray(point.at, point.at + space.dimensions)
  if (old !== undefined) {
    db.prepare(`UPDATE ${table} SET id = ?, field = ?, part = ?, hash = ?, norm = ?, vector = ? WHERE id = ?`).run(
      id,
      point.field,
      point.part,
      point.hash,
      vectorNorm(vector),
      vectorBytes(vector),
      old.id,
    )
    return
  }
  db.prepare(`INSERT INTO ${table} (id, uuid, field, part, hash, norm, vector) VALUES (?, ?, ?, ?, ?, ?, ?)`).run(
    id,
    point.id,
    point.field,
    point.part,
    point.hash,
    vectorNorm(vector),
    vectorBytes(vector),
  )
}

function deletePoint(db: Database, space: Space, id: number): void {
  db.prepare(`DELETE FROM ${space.tables.point} WHERE id = ?`).run(id)
}

/** Deletes a row with all its points and terms. Returns how many points. */
function deleteDocument(db: Database, space: Space, row: Pick<StoredDocument, 'id' | 'terms'>): number {
  const { document, point } = space.tables
  const first = row.id * POINTS_PER_DOCUMENT
  const { changes } = db
    .prepare(`DELETE FROM ${point} WHERE id >= ? AND id < ?`)
    .run(first, first + POINTS_PER_DOCUMENT)
  deleteTerms(db, space, row.id, JSON.parse(row.terms))
  db.prepare(`DELETE FROM ${document} WHERE id = ?`).run(row.id)
  return Number(changes)
}

export const vectorsWrite = {
  vectorsReplace: operation(
    'write',
    (db, args: { space: number; documents: readonly PackedDocument[]; vectors: Float32Array }) => {
      const space = readSpace(db, args.space)
      return args.documents.map((document) => replace(db, space, document, args.vectors))
    },
  ),
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
      return { points, more: rows.length === DELETE_STEP }
    },
  ),
}
