import type { DocumentPart } from '@tandemstore/core'
import type { DocumentRow, Namespace } from '@tandemstore/core/adapter'
import type { NewSpace } from '../source/open-store.js'

/*
 * An export is lines of JSON: a header, a document a line, a footer. Header and footer have the one name `$tandem`, so
 * that other programs can tell them from documents.
 */
const MARK = '$tandem'
const FORMAT = 1

/** The first line: where the documents come from, and of which model the vectors in it are. */
export interface Header {
  readonly format: typeof FORMAT
  readonly collection: string
  readonly prefix: Namespace
  /** RFC 3339. */
  readonly exportedAt: string
  readonly space?: NewSpace | undefined
}

/** The last line: what there is to be found before it. */
export interface Footer {
  readonly documents: number
  readonly vectors?: number | undefined
}

export interface ExportedVector {
  /** Of the text: SHA-256, base64url. */
  readonly hash: string
  /** 32-bit numbers, little-endian, base64. */
  readonly vector: string
}

/** A line of a document, as it is read. */
export interface ExportedDocument {
  readonly namespace: string[]
  readonly key: string
  readonly value: { readonly [name: string]: never }
  /** RFC 3339. */
  readonly createdAt?: string | undefined
  readonly updatedAt?: string | undefined
  readonly expiresAt?: string | undefined
  readonly ttlMs?: number | undefined
  readonly index?: false | readonly string[] | undefined
  readonly vectors?: readonly ExportedVector[] | undefined
}

export function headerLine(header: Omit<Header, 'format'>): string {
  return `${JSON.stringify({ [MARK]: { format: FORMAT, ...header } })}\n`
}

export function footerLine(footer: Footer): string {
  return `${JSON.stringify({ [MARK]: footer })}\n`
}

/** The line of a row; `undefined` if its value is damaged, so that it is no JSON object. */
export function documentLine(row: DocumentRow, parts: readonly DocumentPart[] = []): string | undefined {
  const { namespace, key, createdAt, updatedAt, expiresAt, ttlMs, index } = row
  const value = readObject(row.value)
  if (value === undefined) return undefined
  const time = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString())
  const vectors = parts.flatMap(({ hash, vector }) => (vector === undefined ? [] : [{ hash, vector: encode(vector) }]))
  return `${JSON.stringify({
    namespace,
    key,
    value,
    createdAt: time(createdAt),
    updatedAt: time(updatedAt),
    expiresAt: time(expiresAt),
    ttlMs,
    index,
    ...(vectors.length === 0 ? {} : { vectors }),
  } satisfies Record<keyof ExportedDocument, unknown> | Omit<Record<keyof ExportedDocument, unknown>, 'vectors'>)}\n`
}

/** The header or footer that a line is, if it is one. */
export function markOf(value: Readonly<Record<string, unknown>>): Partial<Header & Footer> | undefined {
  const mark = value[MARK]
  return typeof mark === 'object' && mark !== null && Object.keys(value).length === 1 ? mark : undefined
}

export function isKnownFormat({ format }: Partial<Header>): boolean {
  return format === FORMAT
}

function encode(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (let i = 0; i < vector.length; i += 1) bytes.writeFloatLE(vector[i] as number, i * 4)
  return bytes.toString('base64')
}

export function decodeVector(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  const vector = new Float32Array(Math.floor(bytes.length / 4))
  for (let i = 0; i < vector.length; i += 1) vector[i] = bytes.readFloatLE(i * 4)
  return vector
}

function readObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
