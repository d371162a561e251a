import { hash } from 'node:crypto'
import { filterValueSteps } from '../document/filter-values.js'
import { refId } from '../document/namespace.js'
import { type Json, parsePath, reach, type Step } from '../document/paths.js'
import { pointId, textHash } from '../document/point-id.js'
import { StoreError } from '../errors.js'
import type { DocumentRef, MaybePromise } from '../ports/common.js'
import type { Filterable, FilterValues } from '../ports/vector-records.js'
import { finish, finishInTurns, type Steps } from '../resilience/steps.js'
import { firstPart, fits, type Parts, partsOf } from './chunk.js'
import type { Keywords } from './keywords.js'

/** A text of a document that is indexed: it gets a vector, or terms, or both. */
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

/** What a put says about its index: nothing, no vectors, or paths of its own. */
export type Directive = false | readonly string[] | undefined

export interface PointMakerOptions {
  readonly fields: readonly string[]
  /** By normalised paths. */
  readonly filterable: Filterable
  readonly onTooLong: 'error' | 'truncate' | 'chunk'
  /** Tokens the model takes of one text. */
  readonly maxTokens: number
  countTokens(text: string): number
  /** How terms are made of texts, where the collection is searched by words. */
  readonly keywords?: Keywords | undefined
  /** Told once, when so many documents have been made and none had a text at any of the collection's fields. */
  onNoTexts?(documents: number): void
}

/** Documents without any text before that is told. */
const TELLING = 100

/**
 * Turns documents into texts to index, by what the collection is told to index. Pure: the same document always gives
 * the same points.
 */
export class PointMaker {
  readonly #options: PointMakerOptions
  /** Of any text: prefix and special tokens. */
  readonly #leastTokens: number
  readonly #collection: Plan
  readonly #plans = new Map<string, Plan>()
  /** Documents made by the collection's fields, until one has a text. */
  #withoutText: number | undefined = 0

  constructor(options: PointMakerOptions) {
    this.#options = options
    this.#leastTokens = Number.isFinite(options.maxTokens) ? options.countTokens('') : 0
    this.#collection = this.#plan(options.fields)
  }

  /** Whether no text is too long for it. */
  get takesAll(): boolean {
    return this.#options.onTooLong !== 'error'
  }

  /**
   * The texts of a value, by the put's directive or else the collection's fields. EMBEDDING_FAILED for one too long,
   * where it is told so.
   */
  make(ref: DocumentRef, value: Json, directive: Directive): DocumentTexts {
    return finish(this.#texts(ref, value, directive))
  }

  /** `make`, in turns of the event loop where it takes long; `value` must not change meanwhile. */
  makeInTurns(ref: DocumentRef, value: Json, directive: Directive): MaybePromise<DocumentTexts> {
    return finishInTurns(this.#texts(ref, value, directive))
  }

  /**
   * A query that the model takes: one too long is cut, or refused where the store is told to refuse texts that are
   * too long.
   */
  fitQuery(query: string): MaybePromise<string> {
    return finishInTurns(this.#fitQuery(query))
  }

  /**
   * The text of one part of a field, in turns where that takes long; `undefined` where there is none, or another one
   * than the hash is of. What comes behind the part is not looked at.
   */
  partInTurns(
    ref: DocumentRef,
    value: Json,
    { field, part, hash: wanted }: Pick<PointText, 'field' | 'part' | 'hash'>,
  ): MaybePromise<string | undefined> {
    return finishInTurns(this.#part(ref, value, field, part, wanted))
  }

  *#texts(ref: DocumentRef, value: Json, directive: Directive): Steps<DocumentTexts> {
    if (directive === false) return { texts: [], values: {}, fingerprint: NOT_INDEXED }
    const plan = directive === undefined ? this.#collection : this.#planOf(directive)
    const id = refId(ref)
    const texts: PointText[] = []
    for (const { field, steps } of plan.fields) {
      let part = 0
      for (const text of this.#parts(ref, value, field, steps)) {
        yield
        if (text === undefined) continue
        texts.push({ id: pointId(id, field, part), field, part, text, hash: textHash(text) })
        part += 1
      }
    }
    if (plan === this.#collection) this.#watch(texts.length > 0)
    const values = texts.length === 0 ? {} : yield* filterValueSteps(value, this.#options.filterable)
    return { texts, values, fingerprint: plan.fingerprint }
  }

  *#part(ref: DocumentRef, value: Json, field: string, part: number, wanted: string): Steps<string | undefined> {
    let at = 0
    for (const text of this.#parts(ref, value, field, parsePath(field, 'index.fields'))) {
      yield
      if (text === undefined) continue
      if (at === part) return textHash(text) === wanted ? text : undefined
      at += 1
    }
    return undefined
  }

  /** The texts of a field that are indexed, in their order. */
  *#parts(ref: DocumentRef, value: Json, field: string, steps: readonly Step[]): Parts {
    for (const reached of reach(value, steps)) {
      const text = toText(reached)
      if (text.trim() === '') continue
      for (const piece of this.#fit(text, ref, field)) {
        // A long run of spaces can be a part of its own, which has nothing to find.
        yield piece === undefined || piece.trim() === '' ? undefined : piece
      }
    }
  }

  #watch(hasText: boolean): void {
    if (this.#withoutText === undefined) return
    this.#withoutText = hasText ? undefined : this.#withoutText + 1
    if (this.#withoutText !== TELLING) return
    this.#withoutText = undefined
    this.#options.onNoTexts?.(TELLING)
  }

  *#fitQuery(query: string): Steps<string> {
    const { maxTokens, onTooLong, countTokens } = this.#options
    if (onTooLong !== 'error') return yield* firstPart(query, maxTokens, countTokens)
    if (yield* fits(query, maxTokens, countTokens)) return query
    throw tooLong('query', query, maxTokens, {})
  }

  *#fit(text: string, ref: DocumentRef, field: string): Parts {
    const { maxTokens, onTooLong, countTokens } = this.#options
    // No tokenizer makes more tokens than there are bytes, besides those that every text has.
    if (text.length * 3 + this.#leastTokens <= maxTokens) yield text
    else if (onTooLong === 'chunk') yield* partsOf(text, maxTokens, countTokens)
    else if (onTooLong === 'truncate') yield yield* firstPart(text, maxTokens, countTokens)
    else if (yield* fits(text, maxTokens, countTokens)) yield text
    else throw tooLong(field, text, maxTokens, { ...ref, field })
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
    const { filterable, onTooLong, maxTokens, keywords } = this.#options
    const sorted = Object.entries(filterable).sort(([a], [b]) => (a < b ? -1 : 1))
    const made = JSON.stringify([1, fields, sorted, onTooLong, maxTokens, ...(keywords?.identity ?? [])])
    return {
      fields: [...new Set(fields)].map((field) => ({ field, steps: parsePath(field, 'index.fields') })),
      fingerprint: hash('sha256', made, 'base64url').slice(0, 16),
    }
  }
}

interface Plan {
  readonly fields: readonly { readonly field: string; readonly steps: readonly Step[] }[]
  readonly fingerprint: string
}

function tooLong(
  what: string,
  text: string,
  maxTokens: number,
  about: Partial<DocumentRef> & { readonly field?: string },
): StoreError {
  const message = `${what}: a text of ${text.length} characters, and the model takes ${maxTokens} tokens`
  return new StoreError('EMBEDDING_FAILED', message, { ...about, retryable: false })
}

/** What is embedded of a value that a path reaches. */
export function toText(value: Json): string {
  if (typeof value === 'string') return value
  return value === null ? '' : JSON.stringify(value)
}
