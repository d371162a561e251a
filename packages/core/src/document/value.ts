import { invalid } from '../errors.js'
import type { DocumentRef } from '../ports/common.js'
import type { Json } from './paths.js'

/** UTF-8 bytes of a value as JSON. */
export const MAX_VALUE_BYTES = 1_000_000
const MAX_VALUE_DEPTH = 100
/** Above so many, an object has no shape that a copy could share. */
const MANY_NAMES = 1000

/** A JSON object as documents hold it. */
export type Value = { readonly [name: string]: Json }

export interface CheckedValue {
  /** A copy, which nobody else can change: what is filtered and embedded. */
  readonly value: Value
  /** The same as JSON: what is stored. */
  readonly json: string
}

/**
 * Checks that a value is a JSON object that comes back as it went in, save that -0 becomes 0, to which it is equal.
 * Each property is read once, so that what is checked, what is stored and what is filtered are one and the same. What
 * JSON would drop or change (undefined, NaN, Date, BigInt, symbols, `toJSON`, class instances, cycles) is refused,
 * with the place where it is and `about`, the document.
 */
export function checkValue(value: unknown, about: DocumentRef): CheckedValue {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('value', 'a JSON object', about)
  let copy: Value
  try {
    copy = new Copier().copy(value) as Value
  } catch (error) {
    if (error instanceof Fault) throw invalid(`value${error.at}`, error.expected, about)
    throw error
  }
  const json = JSON.stringify(copy)
  // A UTF-16 unit is at most three bytes of UTF-8, so that short texts need no count.
  if (json.length * 3 > MAX_VALUE_BYTES && Buffer.byteLength(json) > MAX_VALUE_BYTES) {
    throw invalid('value', `at most ${MAX_VALUE_BYTES} bytes of JSON, not ${Buffer.byteLength(json)}`, about)
  }
  return { value: copy, json }
}

export function parseValue(text: string): Value {
  return JSON.parse(text)
}

/** What is wrong with a value. */
class Fault {
  readonly expected: string
  /** Steps on the way out that lead past the place it is about. */
  #past: number
  #at = ''

  constructor(expected: string, past = 0) {
    this.expected = expected
    this.#past = past
  }

  /** Where in the value. */
  get at(): string {
    return this.#at
  }

  leave(step: string): this {
    if (this.#past > 0) this.#past -= 1
    else this.#at = `${step}${this.#at}`
    return this
  }
}

class Copier {
  readonly #parents: object[] = []
  /**
   * Bytes of JSON that are left, at most. An object that is reached on many ways is written out on each, so that a
   * few can hold ever so many.
   */
  #left = MAX_VALUE_BYTES

  copy(value: unknown): Json {
    switch (typeof value) {
      case 'string':
        this.#spend(value.length + 2)
        return checkText(value)
      case 'boolean':
        this.#spend(4)
        return value
      case 'number':
        this.#spend(1)
        if (!Number.isFinite(value)) throw new Fault(`a finite number, not ${value}`)
        return value === 0 ? 0 : value
      case 'object':
        this.#spend(2)
        return value === null ? null : this.#copyObject(value)
      default:
        throw new Fault(`a JSON value, not ${typeof value}`)
    }
  }

  #copyObject(value: object): Json {
    if (this.#parents.length >= MAX_VALUE_DEPTH) {
      // A cycle is as deep as one likes, so that looking for it here is enough.
      const cycle = this.#parents.findIndex((parent, i) => this.#parents.indexOf(parent) < i)
      if (cycle >= 0) throw new Fault('a value without cycles', this.#parents.length - cycle)
      throw new Fault(`at most ${MAX_VALUE_DEPTH} levels`)
    }
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function') throw new Fault(expectedInsteadOf(value))
    this.#parents.push(value)
    const copied = Array.isArray(value) ? this.#copyArray(value) : this.#copyProperties(value)
    this.#parents.pop()
    return copied
  }

  #copyArray(array: readonly unknown[]): Json {
    const copied: Json[] = []
    for (let i = 0; i < array.length; i += 1) {
      try {
        copied.push(this.copy(array[i]))
      } catch (error) {
        throw inside(error, `[${i}]`)
      }
    }
    return copied
  }

  #copyProperties(object: object): Json {
    const prototype = Object.getPrototypeOf(object)
    if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null)
      throw new Fault(expectedInsteadOf(object))
    const given = Object.keys(object)
    const copied = given.length > MANY_NAMES ? copyOfMany(object, given) : { ...object }
    for (const symbol of Object.getOwnPropertySymbols(copied))
      throw new Fault(`names that are text, not ${String(symbol)}`)
    for (const name of Object.keys(copied)) {
      this.#spend(name.length + 3)
      checkText(name)
      const inner = copied[name]
      try {
        const innerCopy = this.copy(inner)
        if (!Object.is(innerCopy, inner)) copied[name] = innerCopy
      } catch (error) {
        throw inside(error, `.${name}`)
      }
    }
    return copied as Value
  }

  #spend(bytes: number): void {
    this.#left -= bytes
    if (this.#left < 0) throw new Fault(`at most ${MAX_VALUE_BYTES} bytes of JSON`, Number.POSITIVE_INFINITY)
  }
}

/**
 * Reads each property once. The copy of an object of few names gets its shape by being spread, which is faster than
 * adding name by name; of many, it is the reverse. Without a prototype, as one of the names may be `__proto__`.
 */
function copyOfMany(object: object, names: readonly string[]): Record<string, unknown> {
  const copied: Record<string | symbol, unknown> = Object.create(null)
  for (const name of names) copied[name] = (object as Record<string, unknown>)[name]
  for (const symbol of Object.getOwnPropertySymbols(object))
    if (Object.prototype.propertyIsEnumerable.call(object, symbol)) copied[symbol] = undefined
  return copied
}

function inside(error: unknown, step: string): unknown {
  return error instanceof Fault ? error.leave(step) : error
}

function expectedInsteadOf(value: object): string {
  if (value instanceof Date) return 'a JSON value, not Date (toISOString() gives its text)'
  const { name } = Object.getPrototypeOf(value)?.constructor ?? {}
  const isPlain = Array.isArray(value) || name === undefined || name === 'Object'
  return isPlain ? 'a value without toJSON: what it gives would be stored in its place' : `a plain object, not ${name}`
}

function checkText(text: string): string {
  if (!text.isWellFormed()) throw new Fault('well-formed Unicode (it holds a lone surrogate)')
  if (text.includes('\0')) throw new Fault('text without NUL')
  return text
}
