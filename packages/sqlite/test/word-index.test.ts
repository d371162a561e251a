import { expect, test } from 'vitest'
import { POINTS_PER_DOCUMENT } from '../src/vectors/point-id.js'
import { WordWriter } from '../src/vectors/words/word-bytes.js'
import { hashWord } from '../src/vectors/words/word-hash.js'
import { WordIndex } from '../src/vectors/words/word-index.js'

const DOCUMENTS = 2000
const WORDS_OF_EACH = 60

/** An index, and beside it which documents hold a word. */
class Checked {
  readonly index = new WordIndex()
  readonly #words = new Map<number, readonly string[]>()
  readonly #ever = new Set<string>()

  replace(document: number, words: readonly string[]): void {
    const terms = { terms: words, weights: words.map(() => 1) }
    const writer = new WordWriter([terms])
    const { from, bytes } = writer.add(terms)
    const point = { id: document * POINTS_PER_DOCUMENT, words: writer.bytes.subarray(from, from + bytes) }
    this.index.replace(document, [point])
    this.#words.set(document, words)
    for (const word of words) this.#ever.add(word)
  }

  /** Of every word there ever was, who is found by it. */
  expectSame(): void {
    const holders = new Map<string, number[]>([...this.#ever].map((word) => [word, []]))
    for (const [document, words] of this.#words) for (const word of words) holders.get(word)?.push(document)
    for (const [word, expected] of holders) {
      const asked = [{ hash: hashWord(word), weight: 1 }]
      const { scores } = this.index.best(asked, undefined, { documents: 2 * DOCUMENTS, hidden: new Set() })
      const found = [...scores.keys()].map((point) => point / POINTS_PER_DOCUMENT)
      if (String(found.sort()) !== String(expected.sort())) expect(found, word).toEqual(expected)
    }
  }
}

/** Words of a document at a time: some of many, some of a few, most of this one alone. */
function wordsOf(document: number, time: number): string[] {
  return Array.from({ length: WORDS_OF_EACH }, (_, i) =>
    i < 5 ? `often${(document + time + i) % 20}` : `rare${time}-${document}-${i % 2 === 0 ? i : (document * i) % 50}`,
  ).filter((word, i, all) => all.indexOf(word) === i)
}

test('lists are cleared of what is gone while documents change, and rows are used again only after that', () => {
  const checked = new Checked()
  const { index } = checked
  for (let i = 0; i < DOCUMENTS; i += 1) checked.replace(i, wordsOf(i, 0))
  expect(index.needsWork).toBe(false)
  for (let i = 0; i < DOCUMENTS; i += 1) checked.replace(i, wordsOf(i, 1))
  expect(index.needsWork).toBe(true)
  let steps = 0
  for (; index.needsWork; index.work()) {
    if (steps < 40) for (let i = 0; i < 20; i += 1) checked.replace(steps * 20 + i, wordsOf(steps * 20 + i, 2))
    steps += 1
  }
  expect(steps).toBeGreaterThan(3)
  const { rows } = index.places
  // These take the rows that have become free.
  for (let i = 0; i < 500; i += 1) checked.replace(DOCUMENTS + i, [`new${i}`])
  expect(index.places.rows).toBe(rows)
  checked.expectSame()
})

test('the table grows in the middle of clearing', () => {
  const checked = new Checked()
  const { index } = checked
  for (let i = 0; i < DOCUMENTS; i += 1) checked.replace(i, wordsOf(i, 0))
  for (let i = 0; i < DOCUMENTS; i += 1) checked.replace(i, wordsOf(i, 1))
  index.work()
  const { bytes } = index
  for (let i = 0; index.bytes < 1.3 * bytes; i += 1) checked.replace(3 * DOCUMENTS + i, wordsOf(i, 3))
  while (index.needsWork) index.work()
  for (let i = 0; i < DOCUMENTS; i += 1) checked.replace(2 * DOCUMENTS + i, [`new${i}`])
  checked.expectSame()
})
