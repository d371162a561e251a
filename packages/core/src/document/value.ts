import { invalid } from '../errors.js'
import type { DocumentRef } from '../ports/common.js'
import type { Json } from './paths.js'

/** UTF-8 bytes of a value as JSON. */
export const MAX_VALUE_BYTES = 1_000_000
const MAX_VALUE_DEPTH = 100

/**
 * Checks that a value is a JSON object that comes back as it went in, and gives it as JSON text.
 * What JSON would drop or change (undefined, NaN, Date, BigInt, class instances, cycles) is refused, with the place where it is and `about`, the document.
 */
export function serializeValue(value: unknown, about: DocumentRef): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('value', 'a JSON object', about)
  const wrong = faultIn(value, [])
  if (wrong !== undefined) throw invalid(`value${wrong.at}`, wrong.expected, about)
  const text = JSON.stringify(value)
  // A UTF-16 unit is at most three bytes of UTF-8, so that short texts need no count.
  if (text.length * 3 > MAX_VALUE_BYTES && Buffer.byteLength(text) > MAX_VALUE_BYTES) {
    throw invalid('value', `at most ${MAX_VALUE_BYTES} bytes of JSON, not ${Buffer.byteLength(text)}`, about)
  }
  return text
}

export function parseValue(text: string): { readonly [name: string]: Json } {
  return JSON.parse(text)
}

/** What is wrong with a value; `at` is where in it. */
interface Fault {
  readonly at: string
  readonly expected: string
}

function faultIn(value: unknown, parents: object[]): Fault | undefined {
  switch (typeof value) {
    case 'string':
      return faultInText(value)
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : fault(`a finite number, not ${value}`)
    case 'object':
      return value === null ? undefined : faultInObject(value, parents)
    default:
      return fault(`a JSON value, not ${typeof value}`)
  }
}

function faultInObject(value: object, parents: object[]): Fault | undefined {
  if (parents.includes(value)) return fault('a value without cycles')
  if (parents.length >= MAX_VALUE_DEPTH) return fault(`at most ${MAX_VALUE_DEPTH} levels`)
  parents.push(value)
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      const inner = faultIn(value[i], parents)
      if (inner !== undefined) return { ...inner, at: `[${i}]${inner.at}` }
    }
  } else {
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
      return fault(
        value instanceof Date
          ? 'a JSON value, not Date (toISOString() gives its text)'
          : `a plain object, not ${prototype.constructor?.name ?? 'a class instance'}`,
      )
    }
    for (const name of Object.keys(value)) {
      const inName = faultInText(name)
      if (inName !== undefined) return inName
      const inner = faultIn((value as Record<string, unknown>)[name], parents)
      if (inner !== undefined) return { ...inner, at: `.${name}${inner.at}` }
    }
  }
  parents.pop()
  return undefined
}

function faultInText(value: string): Fault | undefined {
  if (!value.isWellFormed()) return fault('well-formed Unicode (it holds a lone surrogate)')
  return value.includes('\0') ? fault('text without NUL') : undefined
}

function fault(expected: string): Fault {
  return { at: '', expected }
}
