import { hash } from 'node:crypto'
import type { Stem } from './language.js'

/** UTF-16 units of a term, at most. */
export const MAX_TERM = 64

/** Units that a longer term keeps; the rest is a hash. */
const KEPT = 20

/** Marks and lengthening that readers of Latin, Greek, Cyrillic, Arabic and Hebrew scripts leave out at will. */
const optional = new RegExp(
  [
    '[\\u0300-\\u036F\\u1AB0-\\u1AFF\\u1DC0-\\u1DFF\\u20D0-\\u20FF]',
    '[\\u0483-\\u0487]',
    '[\\u0591-\\u05C7]',
    '[\\u0610-\\u061A\\u0640\\u064B-\\u065F\\u0670\\u06D6-\\u06ED]',
  ].join('|'),
  'g',
)

/** Letters that are written in more than one way, also when upper case goes and comes back. */
const alike: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ı: 'i',
  ς: 'σ',
  ى: 'ي',
  ة: 'ه',
}
const alikes = new RegExp(`[${Object.keys(alike).join('')}]`, 'g')

const isAscii = /^[\0-\x7F]*$/
const isLetters = /^[\p{L}\p{M}]+$/u

/** The term of a word, or of an identifier as a whole. Empty where nothing is left of it, such as of a lone accent. */
export function toTerm(word: string, stem: Stem | undefined): string {
  const lower = isAscii.test(word) ? word.toLowerCase() : word.replaceAll('\u200D', '').toLowerCase()
  const stemmed = stem !== undefined && lower.length <= MAX_TERM && isLetters.test(lower) ? stem(lower) : lower
  return shorten(isAscii.test(stemmed) ? stemmed : fold(stemmed))
}

function fold(word: string): string {
  const bare = word.normalize('NFD').replace(optional, '').normalize('NFC')
  return bare.replace(alikes, (letter) => alike[letter] as string)
}

/** What is too long, such as a signature or a URL, is still found as a whole. */
function shorten(term: string): string {
  if (term.length <= MAX_TERM) return term
  return `${term.slice(0, KEPT).toWellFormed()}~${hash('sha256', term, 'base64url').slice(0, 22)}`
}
