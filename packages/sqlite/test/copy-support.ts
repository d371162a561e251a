import type { Metric, VectorMatch, VectorQuery } from '@tandemstore/core/adapter'
import { expect, onTestFinished } from 'vitest'
import { createDatabase, type Database } from '../src/database.js'
import { vectorsQuery } from '../src/vectors/query.js'
import { readSpace } from '../src/vectors/space.js'
import { vectorsSpaces } from '../src/vectors/spaces.js'
import { vectorsWrite } from '../src/vectors/write.js'
import { versionOf } from './support.js'

export const DIMENSIONS = 4

export function connect(path: string, maxBytes = Number.POSITIVE_INFINITY, search?: 'approximate'): Database {
  const db = createDatabase({ path, synchronous: 'normal', maxBytes, search })
  db.connect()
  onTestFinished(() => db.disconnect())
  return db
}

export function openSpace(db: Database, metric: Metric = 'cosine'): number {
  const definition = { name: 's', dimensions: DIMENSIONS, metric, filterable: { lang: 'keyword' } } as const
  return db.transaction('write', () => vectorsSpaces.vectorsOpen.run(db, { definition }))
}

/** Does all there is to do in the background. */
export function finish(db: Database): void {
  while (db.copies.busy) db.transaction('read', () => db.copies.step(db))
}

export function search(db: Database, space: number, query: VectorQuery): { matches: VectorMatch[]; more: boolean } {
  return db.transaction('read', () => vectorsQuery.vectorsQuery.run(db, { space, ...query }))
}

/** Makes sure that the next search goes by the copy. */
export function readyCopy(db: Database, space: number): void {
  const look = () => db.transaction('read', () => db.copies.ready(db, readSpace(db, space)))
  if (look() === undefined) finish(db)
  expect(look()).toBeDefined()
}

export function fill(db: Database, space: number, count: number, from = 0): void {
  const documents = Array.from({ length: count }, (_, i) => ({
    namespace: ['n'],
    key: `k${from + i}`,
    version: versionOf(1),
    terms: [],
    fingerprint: 'f',
    points: [{ id: `p${from + i}`, field: '$', part: 0, hash: 'h', at: i * DIMENSIONS, length: DIMENSIONS }],
  }))
  const vectors = Float32Array.from({ length: count * DIMENSIONS }, (_, i) => Math.sin(from * DIMENSIONS + i))
  const args = { space, documents: JSON.stringify(documents), vectors }
  db.transaction('write', () => vectorsWrite.vectorsReplace.run(db, args))
}

export const asked = { vector: Float32Array.of(1, 2, 3, 4), prefix: [], now: 0, limit: 10 }
