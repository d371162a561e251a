import { brokenLine } from './errors.js'
import type { Warnings } from './warnings.js'

/** Gathers texts by id: distinct ids, well-formed texts that hold something. What is wrong is an error or counted. */
export interface Texts {
  /** INVALID_ARGUMENT for an id that has come before with another text. */
  add(id: string, text: string, line: number): void
  /** Whether the id has come, also with an empty text. */
  has(id: string): boolean
  readonly all: ReadonlyMap<string, string>
}

/** @param what `document` or `query`, for messages. */
export function createTexts(path: string, what: 'document' | 'query', warnings: Warnings): Texts {
  const all = new Map<string, string>()
  const seen = new Map<string, string>()
  const plural = what === 'document' ? 'documents' : 'queries'
  return {
    all,
    has: (id) => seen.has(id),
    add(id, text, line) {
      const before = seen.get(id)
      if (before !== undefined) {
        if (before !== text) throw brokenLine(path, line, `another ${what} has the id ${JSON.stringify(id)} already`)
        warnings.count(`${plural} came twice with the same id and text; each counts once`)
        return
      }
      seen.set(id, text)
      const clean = text.toWellFormed().replaceAll('\0', ' ')
      if (clean !== text) warnings.count(`${plural} hold NUL or half of a surrogate pair, which were replaced`)
      if (clean.trim() === '') {
        const end = what === 'document' ? 'and cannot be found' : 'and were left out'
        warnings.count(`${plural} are empty ${end}`)
      } else {
        all.set(id, clean)
      }
    },
  }
}
