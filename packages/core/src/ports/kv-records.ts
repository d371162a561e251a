import type { DocumentRef, Namespace, Version } from './common.js'
import type { Filterable } from './vector-records.js'

/** A document as a KVBackend keeps it. Everything in it changes together: a reader never sees half of a write. */
export interface DocumentRow extends DocumentRef {
  /** The document's value as JSON text. Kept as it is. */
  readonly value: string
  readonly version: Version
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number
  /** Milliseconds since the Unix epoch. */
  readonly updatedAt: number
  /** Milliseconds since the Unix epoch. The row counts as absent from this millisecond on. */
  readonly expiresAt?: number | undefined
  /** The time to live the put asked for, milliseconds; what a refresh on read extends by. */
  readonly ttlMs?: number | undefined
  /** The put's index directive: `false` for no points, or the paths to index instead of the collection's. */
  readonly index?: false | readonly string[] | undefined
}

/** A condition on the row that is stored; it is checked and the write done in one atomic step. */
export type WriteCondition =
  /** There is no row, or the one there is has expired by `now` (milliseconds). */
  | { readonly kind: 'absent'; readonly now: number }
  /** There is a row of exactly this version, not expired by `now` (milliseconds). */
  | { readonly kind: 'version'; readonly version: Version; readonly now: number }

export interface PutRow {
  readonly row: DocumentRow
  readonly condition?: WriteCondition | undefined
  /** Given where the backend declares `intentsWithWrites`. */
  readonly intents?: readonly Intent[] | undefined
}

export interface DeleteRow extends DocumentRef {
  /** The version of the deletion. A row above it stays. */
  readonly version: Version
  readonly condition?: WriteCondition | undefined
  /** Given where the backend declares `intentsWithWrites`. */
  readonly intents?: readonly Intent[] | undefined
}

/** What became of one write of a batch. */
export type WriteOutcome =
  /**
   * Done. `existed`: whether a live row was there before, where the database tells at no cost.
   */
  | { readonly status: 'written'; readonly existed?: boolean | undefined }
  /** A row or a deletion at least as new is stored, so nothing changed. `version` is its version. */
  | { readonly status: 'superseded'; readonly version: Version }
  /** The condition did not hold, and nothing changed. `version`: that of the row there is, if there is one. */
  | { readonly status: 'conflict'; readonly version?: Version | undefined }
  /** It failed. Unless `notWritten` is true, it may still take effect, even later. */
  | { readonly status: 'failed'; readonly error: unknown; readonly notWritten?: boolean | undefined }

/** A note, durable no later than a write, that points of this space have to follow it. */
export interface Intent {
  readonly kind: 'document' | 'prefix'
  /** The document's namespace, or the prefix that was deleted. */
  readonly namespace: Namespace
  /** The document's key; the empty string for a prefix. */
  readonly key: string
  readonly version: Version
  /** Name of the vector space that has to follow. */
  readonly space: string
  /** Why projecting this cannot succeed by trying again; absent while it can. */
  readonly failure?: { readonly code: string; readonly message: string } | undefined
}

/** The vector space of one model, as the collection remembers it. */
export interface SpaceRecord {
  readonly name: string
  /** The model's whole identity. */
  readonly model: Readonly<Record<string, unknown>>
  /** Absent: it holds terms alone. */
  readonly dimensions?: number | undefined
  readonly metric: 'cosine' | 'dot' | 'euclidean'
  /** Whether every document of the collection has been projected into it once. */
  readonly complete: boolean
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number
  /**
   * How the store that opened it last makes points, so that a tool can open it likewise. Absent in records of older
   * releases.
   */
  readonly index?: SpaceIndex | undefined
}

/** What a collection's documents are indexed by. */
export interface SpaceIndex {
  /** As configured: `title`, `notes[*].text`, `$`. */
  readonly fields: readonly string[]
  /** By normalised paths. */
  readonly filterable: Filterable
  readonly onTooLong: 'error' | 'truncate' | 'chunk'
  /** Absent: no words. */
  readonly keywords?: { readonly language?: string | undefined } | undefined
}

/** A writer that is alive until its lease runs out. */
export interface Lease {
  /** The twelve hexadecimal digits that end each of its versions. */
  readonly writer: string
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number
  /** Names of the vector spaces that this writer keeps up to date. */
  readonly spaces?: readonly string[] | undefined
}
