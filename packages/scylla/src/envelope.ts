import {
  type DocumentRef,
  type DocumentRow,
  formatVersion,
  StoreError,
  type Version,
  versionMicros,
  versionWriter,
} from '@tandemstore/core/adapter'

/** The content of a cell: a whole document, or a deletion at this version. */
export interface Envelope {
  readonly version: Version
  /** Absent for a deletion. */
  readonly row?: DocumentRow | undefined
}

/** The head of a cell, apart from the writer and the expiry. */
interface Head {
  readonly micros: number
  readonly createdAt?: number
  readonly updatedAt?: number
  readonly ttlMs?: number
  readonly index?: false | readonly string[]
  readonly deleted?: true
}

const NEVER = '-'.padEnd(16, '-')

/**
 * A cell as text: `<writer> <expiry in ms, 16 digits> <head as JSON>\n<value>`. Of two cells written in the same
 * microsecond the database keeps the greater text, so the writer comes first (as in the order of versions), then the
 * expiry (so that a later one wins).
 */
export function encodeEnvelope({ version, row }: Envelope): string {
  const head: Head = {
    micros: versionMicros(version),
    ...(row === undefined ? { deleted: true } : { createdAt: row.createdAt, updatedAt: row.updatedAt }),
    ...(row?.ttlMs === undefined ? {} : { ttlMs: row.ttlMs }),
    ...(row?.index === undefined ? {} : { index: row.index }),
  }
  const expiry = row?.expiresAt === undefined ? NEVER : String(row.expiresAt).padStart(16, '0')
  return `${versionWriter(version)} ${expiry} ${JSON.stringify(head)}\n${row?.value ?? ''}`
}

export function decodeEnvelope(ref: DocumentRef, text: string): Envelope {
  const end = text.indexOf('\n')
  const parts = /^([0-9a-f]{12}) (\d{16}|-{16}) (\{.*\})$/.exec(text.slice(0, Math.max(end, 0)))
  if (parts === null) throw foreign(ref)
  const [, writer, expiry, json] = parts as unknown as [string, string, string, string]
  let head: Head
  try {
    head = JSON.parse(json) as Head
  } catch (error) {
    throw foreign(ref, error)
  }
  if (!isHead(head)) throw foreign(ref)
  const version = formatVersion(head.micros, writer)
  if (head.deleted) return { version }
  const { createdAt = 0, updatedAt = 0, ttlMs, index } = head
  const row: DocumentRow = {
    namespace: ref.namespace,
    key: ref.key,
    value: text.slice(end + 1),
    version,
    createdAt,
    updatedAt,
    ...(expiry === NEVER ? {} : { expiresAt: Number(expiry) }),
    ...(ttlMs === undefined ? {} : { ttlMs }),
    ...(index === undefined ? {} : { index }),
  }
  return { version, row }
}

function isHead({ micros, createdAt = 0, updatedAt = 0, ttlMs = 0, index = false }: Head): boolean {
  const isIndex = index === false || (Array.isArray(index) && index.every((path) => typeof path === 'string'))
  return [micros, createdAt, updatedAt, ttlMs].every((each) => Number.isSafeInteger(each) && each >= 0) && isIndex
}

function foreign({ namespace, key }: DocumentRef, cause?: unknown): StoreError {
  return new StoreError('KV_FAILED', `The row of ${JSON.stringify(key)} in ${JSON.stringify(namespace)} is damaged`, {
    namespace,
    key,
    cause,
  })
}
