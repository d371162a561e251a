import type { DocumentPart, HitScores, SearchMode } from '@tandemstore/core'

/** A failure of an endpoint. */
export interface ApiError {
  readonly code: string
  readonly message: string
}

export interface SpaceEntry {
  readonly name: string
  readonly model: string
  readonly dimensions?: number | undefined
  readonly metric: string
  readonly complete: boolean
  readonly current: boolean
  /** Absent where the index does not tell. */
  readonly points?: number | undefined
  readonly fields: readonly string[]
  /** ISO 8601, as all times here. */
  readonly createdAt: string
}

export interface Info {
  /** Where the store is, for people. */
  readonly name: string
  readonly collection: string
  readonly writable: boolean
  /** The modes of a search, the default first. */
  readonly modes: readonly SearchMode[]
  /** Why there are no others; absent where there is all that the collection has. */
  readonly noSearch?: string | undefined
  readonly spaces: readonly SpaceEntry[]
}

export interface ListPage<Item> {
  readonly items: readonly Item[]
  readonly cursor?: string | undefined
}

export interface Count {
  readonly documents: number
  /** There are more: counting stopped early. */
  readonly more: boolean
}

export interface DocumentHead {
  readonly namespace: readonly string[]
  readonly key: string
  readonly version: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly expiresAt?: string | undefined
}

export interface ListedDocument extends DocumentHead {
  /** The beginning of its JSON. */
  readonly preview: string
}

export interface WholeDocument extends DocumentHead {
  readonly value: unknown
  /** UTF-8 bytes of its JSON. */
  readonly bytes: number
  /** The put's index directive: `false` for not at all, or paths of its own. */
  readonly index?: false | readonly string[] | undefined
  readonly ttlMs?: number | undefined
  /** Absent in a store without an index. */
  readonly parts?: readonly DocumentPart[] | undefined
}

export interface Hit extends DocumentHead {
  readonly score: number
  /** What each leg says. */
  readonly scores: HitScores
  readonly field: string
  readonly part: number
  /** The passage; absent where the document has changed since. */
  readonly text?: string | undefined
  readonly stale?: true
}

export interface SearchAnswer {
  readonly hits: readonly Hit[]
  readonly mode: SearchMode
  /** Answered by words alone, as the query could not be embedded. */
  readonly degraded: boolean
  /** Of the search itself, milliseconds. */
  readonly latencyMs: number
}

export interface Sample {
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  readonly waiting: number
  readonly failed: number
  /** Vectors in the space. */
  readonly points?: number | undefined
  /** How long the databases took to answer, milliseconds; absent where they did not. */
  readonly kvMs?: number | undefined
  readonly vectorsMs?: number | undefined
  /** Of all texts that this page's store was asked for, 0 to 1; absent before the first, and without a cache. */
  readonly cacheHitRate?: number | undefined
}

export interface Latency {
  readonly operation: string
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly max: number
}

export interface Figures {
  /** The oldest first. */
  readonly samples: readonly Sample[]
  /** Whether the store has an embedding cache. */
  readonly cached: boolean
  readonly cacheEntries?: number | undefined
  /** Of what this page's store did. */
  readonly latencies: readonly Latency[]
  readonly faults: readonly { readonly of: string; readonly message: string }[]
}

export interface FailedWork {
  readonly namespace: readonly string[]
  /** The empty text where a whole namespace was deleted. */
  readonly key: string
  readonly code: string
  readonly message: string
}

export interface Pending {
  readonly waiting: number
  readonly failedCount: number
  /** The first of them. */
  readonly failed: readonly FailedWork[]
}

export interface Recovered {
  readonly projected: number
  readonly failed: number
  readonly waiting: number
}

export interface MapPoint {
  readonly namespace: readonly string[]
  readonly key: string
  readonly field: string
  readonly part: number
  readonly text: string
  /** Which of the groups. */
  readonly group: number
}

export interface VectorSample {
  readonly points: readonly MapPoint[]
  /** The namespaces that points are coloured by. */
  readonly groups: readonly (readonly string[])[]
  readonly dimensions: number
  /** The vectors of the points, one after another: float32, little endian, base64. */
  readonly vectors: string
  readonly documents: number
  /** Not everything under the prefix is in it. */
  readonly partial: boolean
}
