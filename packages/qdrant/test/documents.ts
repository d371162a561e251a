import { createHash } from 'node:crypto'
import {
  type DocumentPoints,
  type DocumentRef,
  formatVersion,
  type Point,
  type VectorSpace,
  type Version,
} from '@tandemstore/core/adapter'

export function versionAt(tick: number, writer = '0123456789ab'): Version {
  return formatVersion(1_700_000_000_000_000 + tick, writer)
}

export function pointOf(ref: DocumentRef, part = 0, rest: Partial<Point> = {}): Point {
  const hex = createHash('sha1')
    .update(JSON.stringify([ref.namespace, ref.key, part]))
    .digest('hex')
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  return { id, field: 'body', part, hash: 'hash', vector: Float32Array.of(1, 0, 0, 0), ...rest }
}

export function documentOf(key: string, version: Version, rest: Partial<DocumentPoints> = {}): DocumentPoints {
  const ref = { namespace: ['users', '42'], key }
  return { ...ref, version, values: {}, fingerprint: 'made by', points: [pointOf(ref)], ...rest }
}

/** The keys that a filter finds, in order. */
export async function keysWhere(
  space: VectorSpace,
  filter: Parameters<VectorSpace['query']>[0]['filter'],
): Promise<string[]> {
  const query = { vector: Float32Array.of(1, 0, 0, 0), prefix: [], now: 0, limit: 1000, filter }
  const { matches } = await space.query(query)
  return matches.map(({ key }) => key).sort()
}
