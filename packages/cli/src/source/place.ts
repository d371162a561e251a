import type { StoreOptions } from '@tandemstore/core'
import type { KVBackend, VectorIndex } from '@tandemstore/core/adapter'

/** Where a store is: its databases, and what is known of how it is opened. Nothing is connected yet. */
export interface Place {
  /** For people, such as `notes.db`. */
  readonly name: string
  readonly collection: string
  readonly kv: KVBackend
  /** Absent: the store keeps documents only. */
  readonly vectors?: VectorIndex | undefined
  /** The SQLite file. */
  readonly file?: string | undefined
  /** The options of a configuration file. */
  readonly configured?: StoreOptions | undefined
}
