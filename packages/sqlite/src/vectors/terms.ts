import { hash } from 'node:crypto'
import type { FilterValues, Scalar } from '@tandemstore/core/adapter'

/*
 * A term is one text for one value at one path: kind, length of the path, colon, path, value. Two values are equal
 * under a filter exactly if their terms are, and the order of the terms of numbers (or of instants) at one path is
 * the order of the numbers. So SQL compares nothing but texts: no type is ever converted and no number is parsed from
 * JSON.
 */

/** Longer strings are kept by their hash: filters ask only whether they are equal. */
const MAX_STRING_LENGTH = 64

/** All the terms of a document, each once. */
export function termsOf(values: FilterValues): string[] {
  const terms = new Set<string>()
  for (const [path, at] of Object.entries(values)) {
    if (at === undefined) continue
    terms.add(existsTerm(path))
    for (const each of at.strings ?? []) terms.add(scalarTerm(path, each))
    for (const each of at.numbers ?? []) terms.add(scalarTerm(path, each))
    for (const each of at.booleans ?? []) terms.add(scalarTerm(path, each))
    for (const each of at.instants ?? []) terms.add(begin('i', path) + sortable(each))
  }
  return [...terms]
}

/** The term that a document has if the path reaches anything. */
export function existsTerm(path: string): string {
  return begin('e', path)
}

export function scalarTerm(path: string, value: Scalar): string {
  if (typeof value === 'number') return begin('n', path) + sortable(value)
  if (typeof value === 'boolean') return begin('b', path) + (value ? 'true' : 'false')
  if (value.length <= MAX_STRING_LENGTH) return begin('s', path) + value
  return begin('h', path) + hash('sha256', value, 'base64url')
}

/** The terms of a range: from `low` (inclusive) to `high` (exclusive). */
export function rangeTerms(
  path: string,
  on: 'numbers' | 'instants',
  compare: 'gt' | 'gte' | 'lt' | 'lte',
  value: number,
): { readonly low: string; readonly high: string } {
  const start = begin(on === 'numbers' ? 'n' : 'i', path)
  const at = start + sortable(value)
  // Every number has sixteen digits, so that one more letter is the next text, and g comes after all digits.
  const behind = `${at}0`
  if (compare === 'gt') return { low: behind, high: `${start}g` }
  if (compare === 'gte') return { low: at, high: `${start}g` }
  return { low: start, high: compare === 'lt' ? at : behind }
}

/** The path that a term is about. */
export function pathOfTerm(term: string): string {
  const colon = term.indexOf(':')
  return term.substr(colon + 1, Number(term.slice(1, colon)))
}

function begin(kind: 'e' | 's' | 'h' | 'n' | 'b' | 'i', path: string): string {
  return `${kind}${path.length}:${path}`
}

const bits = new DataView(new ArrayBuffer(8))

/**
 * A double as sixteen hexadecimal digits in the order of the numbers: the sign flipped, and all bits of a negative
 * number.
 */
function sortable(value: number): string {
  // Makes 0 of -0, which are equal.
  bits.setFloat64(0, value + 0)
  const high = bits.getUint32(0)
  const low = bits.getUint32(4)
  const negative = high >= 0x80000000
  return hex(negative ? ~high : high ^ 0x80000000) + hex(negative ? ~low : low)
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
