import type { StatementSync } from 'node:sqlite'
import { type DocumentPoints, invalid, type Point } from '@tandemstore/core/adapter'
import { namespaceBytes, textBytes } from '../bytes.js'
import type { Database } from '../database.js'
import { operation } from '../operation.js'
import { deleteDocument, type StoredDocument } from './delete.js'
import { noteChanges } from './note-changes.js'
import { POINTS_PER_DOCUMENT } from './point-id.js'
import { readSpace, type Space } from './space.js'
import type { AddedPoint } from './space-copies.js'
import { deleteTerms, insertTerms } from './spaces.js'
import { vectorBytes, vectorNorm } from './vector-math.js'
import { deleteWords, storeWords } from './words/store-words.js'
import type { WordPlace } from './words/word-bytes.js'

/** A point on its way to the worker: its vector is `length` numbers from `at` on in the array of the batch. */
export interface SentPoint extends Omit<Point, 'vector' | 'terms'> {
  readonly at?: number | undefined
  readonly length?: number | undefined
  /** It is to have no vector, also where one is stored. */
  readonly bare?: true | undefined
  /** Where its words are in the bytes of the batch. */
  readonly words?: WordPlace | undefined
}

export interface SentDocument extends Omit<DocumentPoints, 'points' | 'values'> {
  /** What filters ask for: much shorter than the values where these are long texts. */
  readonly terms: readonly string[]
  readonly points: readonly SentPoint[]
}

interface StoredPoint {
  readonly id: number
  readonly uuid: string
  readonly hash: string
  /** The bytes of its vector, 0 if it has none. */
  readonly bytes: number
}

interface FingerprintedDocument extends StoredDocument {
  readonly fingerprint: string
}

/** A row of a document whose version lets its points be replaced, with these by UUID. */
interface Replaceable {
  readonly row: FingerprintedDocument
  readonly points: Map<string, StoredPoint>
}

/** What the documents of one batch share. */
interface Batch {
  readonly db: Database
  readonly space: Space
  readonly vectors: Float32Array
  readonly words: Uint8Array
  /** Rows of documents whose points change, and the points of rows that are new. */
  readonly changed: Set<number>
  readonly added: AddedPoint[]
  readonly documentsOf: StatementSync
  readonly pointsOf: StatementSync
  readonly insertDocument: StatementSync
  readonly updateDocument: StatementSync
  readonly insertPoint: StatementSync
  readonly updatePoint: StatementSync
  readonly movePoint: StatementSync
  readonly deletePoint: StatementSync
}

function beginBatch(db: Database, space: Space, vectors: Float32Array, words: Uint8Array): Batch {
  const { document, point } = space.tables
  return {
    db,
    space,
    vectors,
    words,
    changed: new Set(),
    added: [],
    documentsOf: db.prepare(`SELECT id, version, terms, fingerprint FROM ${document} WHERE namespace = ? AND key = ?`),
    pointsOf: db.prepare(`SELECT id, uuid, hash, length(vector) AS bytes FROM ${point} WHERE id >= ? AND id < ?`),
    insertDocument: db.prepare(
      `INSERT INTO ${document} (namespace, key, version, expires_at, fingerprint, terms) VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    updateDocument: db.prepare(
      `UPDATE ${document} SET version = ?, expires_at = ?, fingerprint = ?, terms = ? WHERE id = ?`,
    ),
    insertPoint: db.prepare(
      `INSERT INTO ${point} (id, uuid, field, part, hash, norm, vector) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    updatePoint: db.prepare(
      `UPDATE ${point} SET id = ?, field = ?, part = ?, hash = ?, norm = ?, vector = ? WHERE id = ?`,
    ),
    movePoint: db.prepare(`UPDATE ${point} SET id = ? WHERE id = ?`),
    deletePoint: db.prepare(`DELETE FROM ${point} WHERE id = ?`),
  }
}

/*
 * Nearly always a document has one row, of one version. It has more while points of it were left as they are: because
 * they are newer than what came, or because something of a point was to be kept and is not there. Each row keeps what
 * its own points were written with.
 */
function replace(batch: Batch, document: SentDocument): 'done' | 'missing' {
  checkPoints(document, batch.space)
  const namespace = namespaceBytes(document.namespace)
  const key = textBytes(document.key)
  const rows = batch.documentsOf.all(namespace, key) as unknown as FingerprintedDocument[]
  if (rows.length === 0) return insertNew(batch, document, namespace, key)

  const { stored, newer } = readStored(batch, document, rows)
  const given = document.points.filter((point) => !newer.has(point.id))
  /** Rows with points that are left as they are, so that they cannot take the new version. */
  const left = new Set<Replaceable>()
  const writes: PointWrite[] = []
  for (const point of given) {
    const from = stored.find(({ points }) => points.has(point.id))
    const old = from?.points.get(point.id)
    // Words that were made in another way, or not at all, are none of this fingerprint.
    const keepsWords = !batch.space.hasWords || from?.row.fingerprint === document.fingerprint
    if (hasContent(batch.space, point, old, keepsWords)) writes.push({ point, from, old, keepsWords })
    else if (from !== undefined) left.add(from)
  }
  const kept = new Set(given.map((point) => point.id))
  for (const { points } of stored) {
    for (const old of points.values()) if (!kept.has(old.uuid)) removePoint(batch, old.id)
  }
  const target = writes.length === 0 ? undefined : stored.find((each) => !left.has(each))
  if (writes.length > 0) {
    const id =
      target === undefined
        ? insertDocument(batch, document, namespace, key)
        : updateDocument(batch, document, target.row)
    batch.changed.add(id)
    writePoints(batch, id, target, writes)
  }
  for (const each of stored) {
    batch.changed.add(each.row.id)
    if (each !== target && !left.has(each)) deleteDocument(batch.db, batch.space, each.row)
  }
  return writes.length < given.length ? 'missing' : 'done'
}

interface PointWrite {
  readonly point: SentPoint
  /** The row that has the point now. */
  readonly from: Replaceable | undefined
  readonly old: StoredPoint | undefined
  /** Whether stored words of the same text may stay. */
  readonly keepsWords: boolean
}

function checkPoints({ points, namespace, key }: SentDocument, space: Space): void {
  if (points.length > POINTS_PER_DOCUMENT) {
    throw invalid('points', `at most ${POINTS_PER_DOCUMENT} points, not ${points.length}`, { namespace, key })
  }
  for (const { at, length, words } of points) {
    if (words !== undefined && words.bytes > 0 && !space.hasWords) {
      throw invalid('terms', 'none, as the space was not opened with terms: true', { namespace, key })
    }
    if (at === undefined || (length === space.dimensions && length > 0)) continue
    throw invalid('vector', `${space.dimensions || 'no'} dimensions, not ${length}`, { namespace, key })
  }
}

/** Whether there is all that a point shall have: what it came with, and what is stored of it and was to be kept. */
function hasContent(space: Space, point: SentPoint, old: StoredPoint | undefined, keepsWords: boolean): boolean {
  if (point.at !== undefined) return true
  const same = old?.hash === point.hash ? old : undefined
  if (keepsVector(space, point) && !(same && same.bytes > 0)) return false
  return point.words !== undefined || (same !== undefined && keepsWords)
}

function keepsVector({ dimensions }: Space, { at, bare }: SentPoint): boolean {
  return dimensions > 0 && at === undefined && bare !== true
}

/** The rows of a document that give way, and the UUIDs of the points that do not. */
function readStored(
  batch: Batch,
  document: SentDocument,
  rows: readonly FingerprintedDocument[],
): { stored: Replaceable[]; newer: Set<string> } {
  const stored: Replaceable[] = []
  const newer = new Set<string>()
  for (const row of rows) {
    const first = row.id * POINTS_PER_DOCUMENT
    const points = batch.pointsOf.all(first, first + POINTS_PER_DOCUMENT) as unknown as StoredPoint[]
    if (row.version <= document.version || row.version === document.replaces) {
      stored.push({ row, points: new Map(points.map((point) => [point.uuid, point])) })
    } else {
      for (const { uuid } of points) newer.add(uuid)
    }
  }
  return { stored, newer }
}

/** A document without any points stored, as in a bulk load: nothing has to be compared. */
function insertNew(batch: Batch, document: SentDocument, namespace: Buffer, key: Buffer): 'done' | 'missing' {
  const writes = document.points.filter((point) => hasContent(batch.space, point, undefined, false))
  if (writes.length > 0) {
    const first = insertDocument(batch, document, namespace, key) * POINTS_PER_DOCUMENT
    for (const [i, point] of writes.entries()) {
      writePoint(batch, first + i, { point, old: undefined, keepsWords: false })
      batch.added.push({ id: first + i, vector: vectorOf(batch, point), words: wordsOf(batch, point) })
    }
  }
  return writes.length < document.points.length ? 'missing' : 'done'
}

/** Makes the row that the points of this version share. Returns its id. */
function insertDocument(batch: Batch, document: SentDocument, namespace: Buffer, key: Buffer): number {
  const { version, expiresAt = null, fingerprint, terms } = document
  const { lastInsertRowid } = batch.insertDocument.run(
    ...[namespace, key, version, expiresAt, fingerprint, JSON.stringify(terms)],
  )
  const id = Number(lastInsertRowid)
  insertTerms(batch.db, batch.space, id, terms)
  return id
}

/** Gives a row to the points of this version. Returns its id. */
function updateDocument(batch: Batch, document: SentDocument, old: StoredDocument): number {
  const { db, space } = batch
  const { version, expiresAt = null, fingerprint, terms } = document
  const json = JSON.stringify(terms)
  batch.updateDocument.run(version, expiresAt, fingerprint, json, old.id)
  if (old.terms !== json) {
    deleteTerms(db, space, old.id, JSON.parse(old.terms))
    insertTerms(db, space, old.id, terms)
  }
  return old.id
}

/** Writes points into the row `document`; those that `target`, the row it was before, has already keep their place. */
function writePoints(
  batch: Batch,
  document: number,
  target: Replaceable | undefined,
  writes: readonly PointWrite[],
): void {
  const used = new Set<number>()
  for (const { from, old } of writes) if (old !== undefined && from === target) used.add(old.id)
  let free = document * POINTS_PER_DOCUMENT
  for (const write of writes) {
    let id = write.old?.id
    if (id === undefined || write.from !== target) {
      while (used.has(free)) free += 1
      id = free
      free += 1
    }
    writePoint(batch, id, write)
  }
}

function writePoint(batch: Batch, id: number, { point, old, keepsWords }: Omit<PointWrite, 'from'>): void {
  const { db, space } = batch
  const { field, part, hash } = point
  const keptWords = keepsWords && old?.hash === hash ? 'keep' : undefined
  storeWords(db, space, old?.id, id, wordsOf(batch, point) ?? keptWords)
  if (keepsVector(space, point)) {
    if (old !== undefined && old.id !== id) batch.movePoint.run(id, old.id)
    return
  }
  const vector = vectorOf(batch, point)
  const content = [field, part, hash, vectorNorm(vector), vectorBytes(vector)]
  if (old === undefined) batch.insertPoint.run(id, point.id, ...content)
  else batch.updatePoint.run(id, ...content, old.id)
}

function removePoint({ db, space, deletePoint }: Batch, id: number): void {
  deletePoint.run(id)
  deleteWords(db, space, id)
}

/** The vector that came with a point; no numbers if none came. */
function vectorOf({ vectors, space }: Batch, { at }: SentPoint): Float32Array {
  return at === undefined ? vectors.subarray(0, 0) : vectors.subarray(at, at + space.dimensions)
}

function wordsOf({ words }: Batch, { words: place }: SentPoint): Uint8Array | undefined {
  return place && words.subarray(place.from, place.from + place.bytes)
}

export interface ReplaceArgs {
  readonly space: number
  /** JSON: many small objects cross to the worker faster as one text. */
  readonly documents: string
  /** Those of all points. */
  readonly vectors: Float32Array
  /** Those of all points, if any has some. */
  readonly words?: Uint8Array | undefined
}

export const vectorsWrite = {
  vectorsReplace: operation('write', (db, args: ReplaceArgs): ('done' | 'missing')[] => {
    const batch = beginBatch(db, readSpace(db, args.space), args.vectors, args.words ?? new Uint8Array(0))
    const outcomes = (JSON.parse(args.documents) as SentDocument[]).map((document) => replace(batch, document))
    noteChanges(db, batch.space, batch.changed, batch.added)
    return outcomes
  }),
}
