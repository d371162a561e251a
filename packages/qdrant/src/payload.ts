import { hash } from 'node:crypto'
import {
  type DocumentPoints,
  type DocumentRef,
  encodeNamespace,
  type FilterValues,
  formatVersion,
  type Namespace,
  type PathValues,
  type Point,
  type PointRecord,
  refId,
  type Scalar,
  type Version,
  versionMicros,
  versionWriter,
} from '@tandemstore/core/adapter'
import { toOrdered } from './ordered-number.js'

/** Longer texts are kept by their hash: payload indexes hold every value in memory. */
const MAX_PLAIN_LENGTH = 128

/** The keys of a payload. A user's own names and values only ever lie inside of `values`, under names made here. */
export const KEYS = {
  /** Of namespace and key; what points are grouped by. */
  document: 'document',
  /** Every prefix of the namespace but the empty one, and the namespace itself. */
  prefixes: 'prefixes',
  tenant: 'tenant',
  micros: 'micros',
  writer: 'writer',
  /** Absent: never. */
  expires: 'expires',
  hash: 'hash',
  /** Every path that `values` has. */
  paths: 'paths',
  values: 'values',
  /** `vector`: the point has none, in a collection whose points do. Else absent. */
  lacks: 'lacks',
  /** `values`: the point carries no values, so that a filter has to let it through, unchecked. Else absent. */
  unchecked: 'unchecked',
} as const

/** The one value of `lacks`. */
export const LACKS_VECTOR = 'vector'
/** The one value of `unchecked`. */
export const UNCHECKED = 'values'

/** A point may carry so many bytes of values whatever its document is like: about what a vector takes. */
const FREE_VALUES_BYTES = 4 * 1024
/** What all points of a document may carry together. */
const MAX_VALUES_BYTES = 1024 * 1024

/** What makes a PointRecord. */
export const RECORD_KEYS = [
  'namespace',
  'key',
  'field',
  'part',
  'micros',
  'writer',
  'hash',
  'fingerprint',
  'expires',
  'lacks',
]

export interface RecordPayload {
  readonly namespace: string[]
  readonly key: string
  readonly field: string
  readonly part: number
  readonly micros: number
  readonly writer: number
  readonly hash: string
  readonly fingerprint: string
  readonly expires?: number | null
  readonly lacks?: typeof LACKS_VECTOR | null
}

/** Whether a payload is whole. Of a point that is deleted while Qdrant answers, only what it was grouped by is left. */
export function isRecord(payload: unknown): payload is RecordPayload {
  return typeof payload === 'object' && payload !== null && 'micros' in payload && 'writer' in payload
}

/** The least and the greatest of a list: enough to say whether some value is above or below another. */
interface Bounds {
  readonly min: number
  readonly minLow: number
  readonly max: number
  readonly maxLow: number
}

interface StoredValues {
  readonly is?: readonly string[]
  readonly numbers?: Bounds
  readonly instants?: Bounds
}

/** A version as two integers that a double holds exactly. */
export function versionParts(version: Version): { micros: number; writer: number } {
  return { micros: versionMicros(version), writer: Number.parseInt(versionWriter(version), 16) }
}

export function partsVersion({ micros, writer }: { readonly micros: number; readonly writer: number }): Version {
  return formatVersion(micros, writer.toString(16).padStart(12, '0'))
}

export function documentName(ref: DocumentRef): string {
  return sha256(refId(ref))
}

export function prefixName(prefix: Namespace): string {
  return textName(encodeNamespace(prefix))
}

/**
 * The name of a path, of letters and digits only, so that no path can be mistaken for a key, an index or another path.
 */
export function pathName(path: string): string {
  return `p${hash('sha256', path, 'hex').slice(0, 32)}`
}

/**
 * A scalar as one text. Types are told apart by the first letter, so that "1" is not 1 and no short text is another's
 * hash.
 */
export function scalarName(value: Scalar): string {
  if (typeof value === 'string') return textName(value)
  // String() is the shortest text that gives the number back, and gives -0 as 0.
  return typeof value === 'number' ? `n${value}` : `b${value}`
}

function textName(text: string): string {
  return text.length > MAX_PLAIN_LENGTH ? `h${sha256(text)}` : `s${text}`
}

function sha256(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** What all points of a document have in their payload. */
export function documentPayload(document: DocumentPoints, tenantDepth: number): Record<string, unknown> {
  const { namespace, key, expiresAt } = document
  return {
    [KEYS.document]: documentName(document),
    [KEYS.prefixes]: namespace.map((_, i) => prefixName(namespace.slice(0, i + 1))),
    [KEYS.tenant]: prefixName(namespace.slice(0, tenantDepth)),
    namespace: [...namespace],
    key,
    ...versionedPayload(document),
    ...filterPayload(document, undefined),
    ...(expiresAt === undefined ? {} : { [KEYS.expires]: expiresAt }),
  }
}

/** What each has of its own. */
export function pointPayload(
  { field, part, hash }: Pick<Point, 'field' | 'part' | 'hash'>,
  lacksVector: boolean,
): Record<string, unknown> {
  return { field, part, [KEYS.hash]: hash, ...(lacksVector ? { [KEYS.lacks]: LACKS_VECTOR } : {}) }
}

/** What a version may change about points that keep their text; null removes a key. */
export function updatePayload(document: DocumentPoints): Record<string, unknown> {
  return { ...versionedPayload(document), ...filterPayload(document, null), [KEYS.expires]: document.expiresAt ?? null }
}

function versionedPayload({ version, fingerprint }: DocumentPoints): Record<string, unknown> {
  return { ...versionParts(version), fingerprint }
}

/**
 * What filters read. Every point has all values of its document, so that together they would grow with the square of
 * its size; beyond a bound the points have none, are let through by every filter, and core checks the document itself.
 */
function filterPayload({ values, points }: DocumentPoints, absent: null | undefined): Record<string, unknown> {
  const stored = storedValues(values)
  const carried = { [KEYS.paths]: Object.keys(stored), [KEYS.values]: stored }
  const bytes = jsonBytes(carried)
  const isCarried = bytes <= FREE_VALUES_BYTES || bytes * points.length <= MAX_VALUES_BYTES
  if (isCarried) return { ...carried, ...(absent === null ? { [KEYS.unchecked]: null } : {}) }
  return { [KEYS.unchecked]: UNCHECKED, ...(absent === null ? { [KEYS.paths]: null, [KEYS.values]: null } : {}) }
}

export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

function storedValues(values: FilterValues): Record<string, StoredValues> {
  const stored: Record<string, StoredValues> = {}
  for (const [path, at] of Object.entries(values)) stored[pathName(path)] = storedAt(at)
  return stored
}

function storedAt({ strings = [], numbers = [], booleans = [], instants = [] }: PathValues): StoredValues {
  const is = new Set([...strings, ...numbers, ...booleans].map(scalarName))
  return {
    ...(is.size === 0 ? {} : { is: [...is] }),
    ...(numbers.length === 0 ? {} : { numbers: bounds(numbers) }),
    ...(instants.length === 0 ? {} : { instants: bounds(instants) }),
  }
}

function bounds(values: readonly number[]): Bounds {
  const min = toOrdered(values.reduce((a, b) => Math.min(a, b)))
  const max = toOrdered(values.reduce((a, b) => Math.max(a, b)))
  return { min: min.high, minLow: min.low, max: max.high, maxLow: max.low }
}

export function toRecord(id: string | number, payload: unknown): PointRecord {
  const { namespace, key, field, part, micros, writer, hash, fingerprint, expires, lacks } = payload as RecordPayload
  return {
    id: String(id),
    namespace,
    key,
    field,
    part,
    version: partsVersion({ micros, writer }),
    hash,
    fingerprint,
    expiresAt: expires ?? undefined,
    ...(lacks ? { lacksVector: true } : {}),
  }
}
