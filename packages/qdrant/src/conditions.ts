import type { Schemas } from '@qdrant/js-client-rest'
import type { DocumentPoints, Namespace, Version } from '@tandemstore/core/adapter'
import { KEYS, prefixName, versionParts } from './payload.js'

export type Condition = Schemas['Condition']
export type QdrantFilter = Schemas['Filter']

/** Qdrant takes an empty list of conditions for "no condition"; these say what they mean. */
export const NOTHING: Condition = { has_id: [] }
export const ALL: Condition = { must_not: [NOTHING] }

export function anyOf(conditions: Condition[]): Condition {
  if (conditions.length === 0) return NOTHING
  return conditions.length === 1 ? (conditions[0] as Condition) : { should: conditions }
}

export function allOf(conditions: Condition[]): Condition {
  if (conditions.length === 0) return ALL
  return conditions.length === 1 ? (conditions[0] as Condition) : { must: conditions }
}

export function equals(key: string, value: number): Condition {
  // A range and not a match, so that one range index serves all.
  return { key, range: { gte: value, lte: value } }
}

/** Stored at or below a version: first the microseconds, then the writer. */
export function atOrBelow(version: Version): Condition {
  const { micros, writer } = versionParts(version)
  return anyOf([
    { key: KEYS.micros, range: { lt: micros } },
    allOf([equals(KEYS.micros, micros), { key: KEYS.writer, range: { lte: writer } }]),
  ])
}

/** Stored points that give way to a document. */
export function givesWayTo({ version, replaces }: Pick<DocumentPoints, 'version' | 'replaces'>): Condition {
  if (replaces === undefined) return atOrBelow(version)
  const { micros, writer } = versionParts(replaces)
  return anyOf([atOrBelow(version), allOf([equals(KEYS.micros, micros), equals(KEYS.writer, writer)])])
}

export function under(prefix: Namespace): Condition {
  return { key: KEYS.prefixes, match: { value: prefixName(prefix) } }
}

/** Expired at or before a millisecond; a point without expiry is not. */
export function expiredAt(now: number): Condition {
  return { key: KEYS.expires, range: { lte: now } }
}

/** Has the vector of that name, whatever its payload says. */
export function hasVector(name: string): Condition {
  return { has_vector: name }
}

export function ofDocuments(names: string[]): Condition {
  return { key: KEYS.document, match: { any: names } }
}
