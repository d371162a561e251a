import type { PutManyDocument } from '@tandemstore/core'
import type { ExportedVector, Footer, Header } from './format.js'

/** A document on its way in. */
export interface Incoming {
  /** Its place in the input, from 1: a line, a row, a file. Resuming goes by it. */
  readonly position: number
  readonly document: PutManyDocument
  readonly vectors?: readonly ExportedVector[] | undefined
  /** About how many characters it takes in memory. */
  readonly size: number
}

/** What cannot be read as a document. */
export interface Unreadable {
  readonly position: number
  readonly reason: string
}

/** Where documents come from. Reading holds little in memory, and begins anew each time. */
export interface Input {
  /** For people: a path, or `standard input`. */
  readonly name: string
  /** What a position counts: `line`, `row`, `file`. */
  readonly unit: string
  /** Whether it can be read twice. */
  readonly isRepeatable: boolean
  /** Of an export of ours. */
  readonly header?: Header | undefined
  /** Documents after a position. */
  read(after: number): AsyncGenerator<Incoming | Unreadable>
  /** How much of it was read, from 0 to 1; undefined where that is not known. */
  share(): number | undefined
  /** What it says of itself at the end; known once all was read. */
  footer(): Footer | undefined
  /** Changes when the input does, so that an import does not go on with another one. */
  identity(): Promise<string | undefined>
}

/** How documents that are no export of ours become documents of a store. */
export interface Shape {
  readonly namespace: readonly string[]
  /** Where the text is; a document without it cannot be read. Absent: anything goes. */
  readonly textField?: string | undefined
  /** Where the key is. Default: `_id`, `id` or `key`, else the position. */
  readonly keyField?: string | undefined
  /** The put's index directive. Absent: what the collection says. */
  readonly index?: readonly string[] | undefined
}
