import { hash } from 'node:crypto'
import { refId } from '../document/namespace.js'
import { filterValues, type Json, parsePath, reach, type Step } from '../document/paths.js'
import { pointId, textHash } from '../document/point-id.js'
import { StoreError } from '../errors.js'
import type { DocumentRef } from '../ports/common.js'
import type { Filterable, FilterValues } from '../ports/vector-records.js'
import { chunkText, truncateText } from './chunk.js'

/** A text of a document that gets a vector. */
export interface PointText {
  readonly id: string
  readonly field: string
  readonly part: number
  readonly text: string
  readonly hash: string
}

/** The points of a document before they are embedded. */
export interface DocumentTexts {
  readonly texts: readonly PointText[]
  readonly values: FilterValues
  readonly fingerprint: string
}

/** The fingerprint of a document that is not to be indexed. */
export const NOT_INDEXED = 'none'

export interface PointMakerOptions {
  readonly fields: readonly string[]
  /** By normalised paths. */
  readonly filterable: Filterable
  readonly onTooLong: 'error' | 'truncate' | 'chunk'
  /** Tokens the model takes of one text. */
  readonly maxTokens: number
  countTokens(text: string): number
}

/** Turns documents into texts to embed, by what the collection is told to index. Pure: the same document always gives the same points. */
export class PointMaker {
  readonly #options: PointMakerOptions
  /** Of any text: prefix and special tokens. */
  readonly #leastTokens: number
  readonly #collection: Plan
  readonly #plans = new Map<string, Plan>()

  constructor(options: PointMakerOptions) {
    this.#options = options
    this.#leastTokens = Number.isFinite(options.maxTokens) ? options.countTokens('') : 0
    this.#collection = this.#plan(options.fields)
  }

  /** The texts of a value, by the put's directive or else the collection's fields. EMBEDDING_FAILED for one too long, where it is told so. */
  make(ref: DocumentRef, value: Json, directive: false | readonly string[] | undefined): DocumentTexts {
    const { filterable } = this.#options
    if (directive === false) return { texts: [], values: {}, fingerprint: NOT_INDEXED }
    const plan = directive === undefined ? this.#collection : this.#planOf(directive)
    const id = refId(ref)
    const texts: PointText[] = []
    for (const { field, steps } of plan.fields) {
      let part = 0
      for (const reached of reach(value, steps)) {
        const text = toText(reached)
        if (text.trim() === '') continue
        for (const piece of this.#fit(text, ref, field)) {
          // A long run of spaces can be a part of its own, which has nothing to find.
          if (piece.trim() === '') continue
          texts.push({ id: pointId(id, field, part), field, part, text: piece, hash: textHash(piece) })
          part += 1
        }
      }
    }
    return { texts, values: texts.length === 0 ? {} : filterValues(value, filterable), fingerprint: plan.fingerprint }
  }

  /** A query that the model takes: one too long is cut, or refused where the store is told to refuse texts that are too long. */
  fitQuery(query: string): string {
    const { maxTokens, onTooLong, countTokens } = this.#options
    if (onTooLong !== 'error') return truncateText(query, maxTokens, countTokens)
    if (countTokens(query) <= maxTokens) return query
    throw new StoreError(
      'EMBEDDING_FAILED',
      `query: it has about ${countTokens(query)} tokens, the model takes ${maxTokens}`,
      { retryable: false },
    )
  }

  #fit(text: string, ref: DocumentRef, field: string): string[] {
    const { maxTokens, onTooLong, countTokens } = this.#options
    // No tokenizer makes more tokens than there are bytes, besides those that every text has.
    if (text.length * 3 + this.#leastTokens <= maxTokens || countTokens(text) <= maxTokens) return [text]
    if (onTooLong === 'chunk') return chunkText(text, maxTokens, countTokens)
    if (onTooLong === 'truncate') return [truncateText(text, maxTokens, countTokens)]
    throw new StoreError(
      'EMBEDDING_FAILED',
      `${field}: the text has about ${countTokens(text)} tokens, the model takes ${maxTokens}`,
      {
        ...ref,
        field,
        retryable: false,
      },
    )
  }

  #planOf(fields: readonly string[]): Plan {
    const name = JSON.stringify(fields)
    let plan = this.#plans.get(name)
    if (plan === undefined) {
      plan = this.#plan(fields)
      if (this.#plans.size < 1000) this.#plans.set(name, plan)
    }
    return plan
  }

  #plan(fields: readonly string[]): Plan {
    const { filterable, onTooLong, maxTokens } = this.#options
    const sorted = Object.entries(filterable).sort(([a], [b]) => (a < b ? -1 : 1))
    const made = JSON.stringify([1, fields, sorted, onTooLong, maxTokens])
    return {
      fields: fields.map((field) => ({ field, steps: parsePath(field, 'index.fields') })),
      fingerprint: hash('sha256', made, 'base64url').slice(0, 16),
    }
  }
}

interface Plan {
  readonly fields: readonly { readonly field: string; readonly steps: readonly Step[] }[]
  readonly fingerprint: string
}

function toText(value: Json): string {
  if (typeof value === 'string') return value
  return value === null ? '' : JSON.stringify(value)
}
