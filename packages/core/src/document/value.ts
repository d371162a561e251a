import { invalid } from '../errors.js'
import type { Json } from './paths.js'

/** UTF-8 bytes of a value as JSON. */
export const MAX_VALUE_BYTES = 1_000_000
const MAX_VALUE_DEPTH = 100

/**
 * Checks that a value is a JSON object that comes back as it went in, and gives it as JSON text.
 * What JSON would drop or change (undefined, NaN, Date, BigInt, class instances, cycles) is refused, with the place where it is.
 */
export function serializeValue(value: unknown, field = 'value'): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(field, 'a JSON object')
  checkJson(value, field, [])
  const text = JSON.stringify(value)
  // A UTF-16 unit is at most three bytes of UTF-8, so that short texts need no count.
  if (text.length * 3 > MAX_VALUE_BYTES && Buffer.byteLength(text) > MAX_VALUE_BYTES) {
    throw invalid(field, `at most ${MAX_VALUE_BYTES} bytes of JSON, not ${Buffer.byteLength(text)}`)
  }
  return text
}

export function parseValue(text: string): { readonly [name: string]: Json } {
  return JSON.parse(text)
}

function checkJson(value: unknown, field: string, parents: object[]): void {
  switch (typeof value) {
    case 'string':
      checkString(value, field)
      return
    case 'boolean':
      return
    case 'number':
      if (!Number.isFinite(value)) throw invalid(field, `a finite number, not ${value}`)
      return
    case 'object':
      if (value === null) return
      break
    default:
      throw invalid(field, `a JSON value, not ${typeof value}`)
  }
  if (parents.includes(value)) throw invalid(field, 'a value without cycles')
  if (parents.length >= MAX_VALUE_DEPTH) throw invalid(field, `at most ${MAX_VALUE_DEPTH} levels`)
  parents.push(value)
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) checkJson(value[i], `${field}[${i}]`, parents)
  } else {
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
      throw invalid(field, `a plain object, not ${prototype.constructor?.name ?? 'a class instance'}`)
    }
    for (const name of Object.keys(value)) {
      checkString(name, field)
      checkJson((value as Record<string, unknown>)[name], `${field}.${name}`, parents)
    }
  }
  parents.pop()
}

function checkString(value: string, field: string): void {
  if (!value.isWellFormed()) throw invalid(field, 'well-formed Unicode (it holds a lone surrogate)')
  if (value.includes('\0')) throw invalid(field, 'text without NUL')
}
