import { hash } from 'node:crypto'
import type { FilterValues, Scalar } from '@tandemstore/core/adapter'

/*
 * A term is one text for one value at one path: kind, length of the path, colon, path, value. Two values are equal
 * under a filter exactly if their terms are, and the order of the terms of numbers (or of instants) at one path is
 * the order of the numbers. So SQL compares nothing but texts, and an index takes any value.
 */

/** Longer values are kept by their hash: filters ask only whether they are equal. */
const MAX_VALUE_LENGTH = 64
/** Longer paths are kept by their hash, too. */
const MAX_PATH_LENGTH = 300

type Kind = 'e' | 's' | 'h' | 'n' | 'b' | 'i'

/** All the terms of a document, each once. */
export function termsOf(values: FilterValues): string[] {
  const terms = new Set<string>()
  for (const [path, at] of Object.entries(values)) {
    if (at === undefined) continue
    terms.add(existsTerm(path))
    for (const list of [at.strings, at.numbers, at.booleans]) {
      for (const each of list ?? []) terms.add(scalarTerm(path, each))
    }
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
  return isPlain(value, MAX_VALUE_LENGTH) ? begin('s', path) + value : begin('h', path) + digest(value)
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

function begin(kind: Kind, path: string): string {
  return isPlain(path, MAX_PATH_LENGTH) ? `${kind}${path.length}:${path}` : `${kind}#:${digest(path)}`
}

/** Whether Postgres keeps a text as it is (it takes no NUL and no lone surrogate), and an index at this length. */
function isPlain(text: string, maxLength: number): boolean {
  return text.length <= maxLength && !text.includes('\0') && text.isWellFormed()
}

function digest(text: string): string {
  // As JSON, which writes a lone surrogate as an escape; in UTF-8 all of them would be the same.
  return hash('sha256', JSON.stringify(text), 'base64url')
}

const bits = new DataView(new ArrayBuffer(8))

/**
 * A double as sixteen hexadecimal digits in the order of the numbers: the sign flipped, and all bits of a negative
 * number.
 */
function sortable(value: number): string {
  // Makes 0 of -0, which are equal.
  bits.setFloat64(0, value + 0)
  const number = bits.getBigUint64(0)
  const negative = number >> 63n === 1n
  const ordered = negative ? ~number & 0xffff_ffff_ffff_ffffn : number | (1n << 63n)
  return ordered.toString(16).padStart(16, '0')
}
