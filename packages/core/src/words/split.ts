import { toTerm } from './fold.js'
import type { Stem } from './language.js'

/** The terms of a piece of text without white space, with repetition. */
export interface Split {
  /** Words; of an identifier, its parts that have none themselves. */
  readonly words: string[]
  /** Identifiers as a whole, of which `words` has the parts. */
  readonly wholes: string[]
  /** Characters of scripts without spaces, of which `words` has the pairs. */
  readonly characters: string[]
}

/** What stands for itself, however long its surroundings are. */
const unspaced = [
  '[\\p{sc=Han}]+',
  '[\\p{sc=Hira}\\u3099\\u309Aー]+',
  '[\\p{sc=Kana}\\u3099\\u309Aー]+',
  '[\\p{sc=Hang}]+',
  '[\\p{sc=Thai}]+',
  '[\\p{sc=Laoo}]+',
  '[\\p{sc=Khmr}]+',
  '[\\p{sc=Mymr}]+',
].join('|')
const anyUnspaced =
  '\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Hang}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}\\u3099\\u309Aー'
const emoji = '\\p{RI}{2}|\\p{ExtPict}(?:\\u200D\\p{ExtPict}){0,9}'
const pieces = new RegExp(`(${unspaced})|(${emoji})|[^${anyUnspaced}\\p{RI}\\p{ExtPict}]+`, 'gu')

/** A character with the vowels and tones that are written around it. */
const cluster = /[^\p{M}]\p{M}*|\p{M}+/gu
/** Whether each unit is a character. */
const isSimple = /^[^\p{M}\u{10000}-\u{10FFFF}]*$/u

/** Units of an identifier that is a term as a whole, at most. */
const MAX_WHOLE = 256

/** Parts of a name in capitals, at most: what has more is no name but a key or encoded bytes. */
const MAX_HUMPS = 8

/** What joins parts, the weakest first: `src/get_name.ts` has the parts `src` and `get_name.ts`. */
const joints: readonly RegExp[] = [/[/\\:@]+/, /[-.+#]+/, /_+/]

const signs: ReadonlySet<string> = new Set('/\\:@-.+#_')
/** As in C++ and C#. */
const signOfName = /[\p{L}\p{N}](?:\+\+|#)$/u
const plainWord = /^[A-Za-z]?[a-z]*$/
const versionNumber = /^v\p{N}+$/iu
/** An accent stays with its letter. */
const humps = /(?<=[\p{Ll}\p{N}]\p{M}*)(?=\p{Lu})|(?<=\p{Lu}\p{M}*)(?=\p{Lu}\p{M}*\p{Ll})/u
const lettersAndDigits = /^(?:(\p{L}[\p{L}\p{M}]*)(\p{N}+)|(\p{N}+)(\p{L}[\p{L}\p{M}]*))$/u

/** Splits a run of letters, digits and the signs that join them. */
export function split(chunk: string, stem: Stem | undefined): Split {
  const found: Split = { words: [], wholes: [], characters: [] }
  if (plainWord.test(chunk)) addTerm(found.words, toTerm(chunk, stem))
  else {
    for (const [piece, run, picture] of chunk.matchAll(pieces)) {
      if (run !== undefined) splitRun(run, found)
      else if (picture !== undefined) splitPicture(picture, found)
      else splitIdentifier(piece, 0, stem, found)
    }
  }
  return found
}

/** Pairs of neighbours: a word of two characters or more is found wherever a dictionary would see its ends. */
function splitRun(run: string, { words, characters }: Split): void {
  const clusters = isSimple.test(run) ? run : (run.match(cluster) ?? [])
  if (clusters.length === 1) words.push(run)
  else {
    let before = ''
    for (const each of clusters) {
      characters.push(each)
      if (before !== '') words.push(before + each)
      before = each
    }
  }
}

function splitPicture(picture: string, { words, wholes }: Split): void {
  const parts = picture.split('\u200D')
  if (parts.length > 1) wholes.push(picture)
  words.push(...parts)
}

function splitIdentifier(text: string, level: number, stem: Stem | undefined, found: Split): void {
  const joint = joints[level]
  const identifier = trim(text)
  if (joint === undefined) splitName(identifier, stem, found)
  else {
    const parts = identifier.split(joint).filter((part) => part !== '')
    const hasSign = level === 1 && signOfName.test(identifier)
    if (parts.length > 1 || hasSign) addWhole(identifier, stem, found)
    if (parts.length > 1 && versionNumber.test(parts[0] as string)) addWhole(identifier.slice(1), stem, found)
    for (const part of parts) splitIdentifier(part, level + 1, stem, found)
  }
}

/** `getUserName`, `utf8`. */
function splitName(name: string, stem: Stem | undefined, found: Split): void {
  const parts = name.split(humps)
  const isName = parts.length <= MAX_HUMPS && name.length >= 2 * parts.length
  const words = (isName ? parts : [name]).flatMap((part) => {
    const pair = lettersAndDigits.exec(part)
    return pair === null ? [part] : pair.slice(1).filter((each) => each !== undefined)
  })
  if (words.length > 1) addWhole(name, stem, found)
  for (const word of words) addTerm(found.words, toTerm(word, stem))
}

function addWhole(text: string, stem: Stem | undefined, { wholes }: Split): void {
  if (text.length > MAX_WHOLE) return
  const term = toTerm(text, stem)
  if (term !== wholes.at(-1)) addTerm(wholes, term)
}

function addTerm(terms: string[], term: string): void {
  if (term !== '') terms.push(term)
}

/** Without the signs around it, but for that of C++ and C#. */
function trim(text: string): string {
  let from = 0
  while (from < text.length && signs.has(text.charAt(from))) from += 1
  let to = text.length
  while (to > from && signs.has(text.charAt(to - 1)) && !endsWithSign(text, to)) to -= 1
  return text.slice(from, to)
}

function endsWithSign(text: string, end: number): boolean {
  return '+#'.includes(text.charAt(end - 1)) && signOfName.test(text.slice(Math.max(0, end - 4), end))
}
