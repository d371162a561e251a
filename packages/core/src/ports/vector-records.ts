import type { DocumentRef, Scalar, Version } from './common.js'

export type Metric = 'cosine' | 'dot' | 'euclidean'

/**
 * The payload indexes a collection asks for. They make filters fast and change no result; `datetime` also allows
 * ranges.
 */
export type Filterable = Readonly<Record<string, 'keyword' | 'integer' | 'float' | 'boolean' | 'datetime'>>

/** One space holds the vectors of one model, terms beside them, or terms alone. */
export interface SpaceDefinition {
  /** Matches `^[a-z][a-z0-9_]{0,63}$`. */
  readonly name: string
  /** Length of the vectors. Absent: the space has none, and its points are found by their terms only. */
  readonly dimensions?: number | undefined
  readonly metric: Metric
  readonly filterable: Filterable
  /**
   * Whether its points may carry terms. A space that was made without gets room for them when it is opened with;
   * opening it without removes none, but points without any can be written then, too. Default false. Only of an index
   * whose capabilities have `terms`.
   */
  readonly terms?: boolean | undefined
}

/**
 * Terms with a weight each, in any order, each once. A term is 1 to 64 UTF-16 units of well-formed Unicode without
 * white space and control characters; core makes them, the same way for every adapter.
 */
export interface TermWeights {
  readonly terms: readonly string[]
  /**
   * One for each term, above 0. Of a point: how much the term says about its text, by how often it occurs and how long
   * the text is. Of a query: how often it is asked for. An adapter may keep single precision.
   */
  readonly weights: readonly number[]
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
  /**
   * Absent: keep the vector that is stored, if its hash is this one. Null: the point has none, or none yet, so that only
   * its terms find it; a stored one is removed.
   */
  readonly vector?: Float32Array | null | undefined
  /**
   * Absent: keep the terms that are stored, if its hash is this one and, in a space that was opened with terms, its
   * fingerprint the document's; else it has none. Lists without an element: it has none, and stored ones are removed,
   * also in a space that was opened without terms and has some from before.
   */
  readonly terms?: TermWeights | undefined
}

/** All the points that a document shall have at a version; none for a document that is gone. */
export interface DocumentPoints extends DocumentRef {
  readonly version: Version
  /** A version that the KV was seen not to hold: points of exactly this version give way too, though it is higher. */
  readonly replaces?: Version | undefined
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt?: number | undefined
  readonly values: FilterValues
  /** What made the points: fields, filterable, chunking, how terms are made. */
  readonly fingerprint: string
  readonly points: readonly Point[]
  /**
   * A hint, which may be wrong by now: the points were not there when they were looked for, so an adapter may first
   * try to insert them.
   */
  readonly expectedNew?: boolean | undefined
}

/** A point without its vector and terms. */
export interface PointRecord extends DocumentRef {
  readonly id: string
  readonly field: string
  readonly part: number
  readonly version: Version
  readonly hash: string
  readonly fingerprint: string
  readonly expiresAt?: number | undefined
  /** The point has no vector, though the space has dimensions. Else absent. */
  readonly lacksVector?: true | undefined
}
