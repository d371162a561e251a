import { type DocumentRef, type DocumentRow, encodeNamespace, versionMicros } from '@tandemstore/core/adapter'
import { decodeEnvelope, type Envelope, encodeEnvelope } from './envelope.js'
import { hashText } from './hash.js'
import { nativeTtl } from './native-ttl.js'
import type { Layout } from './records.js'
import { type Row, type Session, type Statement, type StatementOptions, toNumber } from './session.js'
import type { Tables } from './tables.js'

/**
 * The two cells of a document. Plain writes go to `document`, with the timestamp of their version. A conditional write
 * goes to `claim`, as the database gives it a timestamp of its own. The two are compared by the versions in them.
 */
export interface Cells {
  readonly document?: { readonly text: string; readonly envelope: Envelope } | undefined
  /** `writtenAt`: the timestamp that the database gave it, where it was read. */
  readonly claim?: { readonly text: string; readonly envelope: Envelope; readonly writtenAt: number } | undefined
}

/** The cell that counts: the one of the higher version. */
export function newest({ document, claim }: Cells): Envelope | undefined {
  if (claim === undefined) return document?.envelope
  if (document === undefined) return claim.envelope
  return document.envelope.version > claim.envelope.version ? document.envelope : claim.envelope
}

export function cellsOf(ref: DocumentRef, row: Row | undefined): Cells {
  const { document, claim, written_at: writtenAt } = row ?? {}
  return {
    ...(typeof document === 'string' ? { document: { text: document, envelope: decodeEnvelope(ref, document) } } : {}),
    ...(typeof claim === 'string'
      ? { claim: { text: claim, envelope: decodeEnvelope(ref, claim), writtenAt: toNumber(writtenAt) } }
      : {}),
  }
}

/** Reads and writes the cells of single documents. */
export interface CellStore {
  readonly primaryKey: (ref: DocumentRef) => [namespace: string, bucket: number, key: string]
  read(ref: DocumentRef, options: StatementOptions & { readonly atSerial?: boolean }): Promise<Cells>
  /** Reads documents of one partition in one request. */
  readPartition(refs: readonly DocumentRef[], options: StatementOptions): Promise<Cells[]>
  /** Writes the document cell, unless what is there is newer. */
  put(row: DocumentRow): Statement
  /** Deletes both cells, as far as they are not newer. */
  remove(ref: DocumentRef, version: string): Statement
  /** Copies a decided claim into the document cell and removes it. Gives the cells as they are then. */
  settle(ref: DocumentRef, claim: Envelope, options: StatementOptions): Promise<Cells>
}

export function makeCells(session: Session, { documents }: Tables, { buckets }: Layout): CellStore {
  const where = 'WHERE namespace = ? AND bucket = ? AND "key" = ?'
  const statements = {
    read: `SELECT document, claim, WRITETIME(claim) AS written_at FROM ${documents} ${where}`,
    readPartition: `SELECT "key", document, claim, WRITETIME(claim) AS written_at FROM ${documents} WHERE namespace = ? AND bucket = ? AND "key" IN ?`,
    // INSERT would leave a row behind whose cells are all deleted.
    put: `UPDATE ${documents} USING TIMESTAMP ? AND TTL ? SET document = ? ${where}`,
    remove: `DELETE FROM ${documents} USING TIMESTAMP ? ${where}`,
    dropClaim: `DELETE claim FROM ${documents} USING TIMESTAMP ? ${where}`,
  }
  const primaryKey: CellStore['primaryKey'] = ({ namespace, key }) => [
    encodeNamespace(namespace),
    hashText(key) % buckets,
    key,
  ]
  const timestamp = (version: string): string => String(versionMicros(version))

  const read: CellStore['read'] = async (ref, options) => {
    const [row] = await session.read(statements.read, primaryKey(ref), options)
    return cellsOf(ref, row)
  }
  const put: CellStore['put'] = (row) => ({
    query: statements.put,
    params: [
      timestamp(row.version),
      nativeTtl(row.expiresAt, Date.now()),
      encodeEnvelope({ version: row.version, row }),
      ...primaryKey(row),
    ],
  })
  const remove: CellStore['remove'] = (ref, version) => ({
    query: statements.remove,
    params: [timestamp(version), ...primaryKey(ref)],
  })
  return {
    primaryKey,
    read,
    async readPartition(refs, options) {
      const [first] = refs
      if (first === undefined) return []
      const [namespace, bucket] = primaryKey(first)
      const keys = [...new Set(refs.map(({ key }) => key))]
      const rows = await session.read(statements.readPartition, [namespace, bucket, keys], options)
      const found = new Map(rows.map((row) => [row.key, row]))
      return refs.map((ref) => cellsOf(ref, found.get(ref.key)))
    },
    put,
    remove,
    async settle(ref, { version, row }, options) {
      const settling = row === undefined ? remove(ref, version) : put(row)
      await session.write(settling.query, settling.params, options)
      const cells = await read(ref, options)
      const { claim, ...rest } = cells
      if (claim?.envelope.version !== version) return cells
      // At the claim's own timestamp, so that a later claim stays.
      await session.write(statements.dropClaim, [String(claim.writtenAt), ...primaryKey(ref)], options)
      return rest
    },
  }
}
