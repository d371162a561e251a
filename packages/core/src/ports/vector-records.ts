import type { DocumentRef, Scalar, Version } from './common.js'

export type Metric = 'cosine' | 'dot' | 'euclidean'

/**
 * The payload indexes a collection asks for. They make filters fast and change no result; `datetime` also allows
 * ranges.
 */
export type Filterable = Readonly<Record<string, 'keyword' | 'integer' | 'float' | 'boolean' | 'datetime'>>

/** One space holds the vectors of one model. */
export interface SpaceDefinition {
  /** Matches `^[a-z][a-z0-9_]{0,63}$`. */
  readonly name: string
  readonly dimensions: number
  readonly metric: Metric
  readonly filterable: Filterable
}

/** Every scalar that one path of a document reaches, by type. Lists may be absent when empty. */
export interface PathValues {
  readonly strings?: readonly string[] | undefined
  readonly numbers?: readonly number[] | undefined
  readonly booleans?: readonly boolean[] | undefined
  /** Where the path is declared `datetime`: the RFC 3339 strings as milliseconds since the Unix epoch. */
  readonly instants?: readonly number[] | undefined
}

/** By normalised path (see Filter). Only paths that reach a scalar are there. */
export type FilterValues = Readonly<Record<string, PathValues>>

/**
 * A filter that core has checked and normalised. `path` is a key of FilterValues. A comparison holds if some value of
 * its type satisfies it; a comparison of another type never does. `$ne`, `$nin` and null arrive as `not`. A `range`
 * compares `numbers` or `instants`, as `on` says.
 */
export type Filter =
  | { readonly op: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly op: 'not'; readonly filter: Filter }
  | { readonly op: 'in'; readonly path: string; readonly values: readonly Scalar[] }
  | {
      readonly op: 'range'
      readonly path: string
      readonly on: 'numbers' | 'instants'
      readonly compare: 'gt' | 'gte' | 'lt' | 'lte'
      readonly value: number
    }
  | { readonly op: 'exists'; readonly path: string }

/** A part of a document that has a vector of its own. */
export interface Point {
  /** UUIDv5 of namespace, key, field and part, so that a retry overwrites itself. */
  readonly id: string
  /** The path that was embedded, as configured: `$`, `body`, `notes[*].text`. */
  readonly field: string
  /** Which text of the field this is, from 0. */
  readonly part: number
  /** Hash of the text. */
  readonly hash: string
  /** Absent: keep the vector that is stored, if its hash is this one. */
  readonly vector?: Float32Array | undefined
}

/** All the points that a document shall have at a version; none for a document that is gone. */
export interface DocumentPoints extends DocumentRef {
  readonly version: Version
  /** A version that the KV was seen not to hold: points of exactly this version give way too, though it is higher. */
  readonly replaces?: Version | undefined
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt?: number | undefined
  readonly values: FilterValues
  /** What made the points: fields, filterable, chunking. */
  readonly fingerprint: string
  readonly points: readonly Point[]
  /**
   * A hint, which may be wrong by now: the points were not there when they were looked for, so an adapter may first
   * try to insert them.
   */
  readonly expectedNew?: boolean | undefined
}

/** A point without its vector. */
export interface PointRecord extends DocumentRef {
  readonly id: string
  readonly field: string
  readonly part: number
  readonly version: Version
  readonly hash: string
  readonly fingerprint: string
  readonly expiresAt?: number | undefined
}
