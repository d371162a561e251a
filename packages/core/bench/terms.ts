import { TermMaker } from '../dist/words/term-maker.js'
import { compare, type Measurement, measurement, timed } from './measure.ts'
import { seeded } from './random.ts'

const BYTES = 1_000_000

/** Words as often as in prose: the n-th of 20,000 one n-th as often as the first. One of 100 is an identifier. */
function prose(): string {
  const random = seeded(7)
  const word = (): string =>
    Math.floor(random() * 36 ** 7)
      .toString(36)
      .replace(/\d/g, 'e')
  const words = Array.from({ length: 20_000 }, word)
  let text = ''
  for (let i = 0; text.length < BYTES; i += 1) {
    const next = words[Math.floor(20_000 ** random()) - 1] as string
    text += i % 100 === 0 ? `${next}_${i} ` : i % 12 === 0 ? `${next}. ` : `${next} `
  }
  return text
}

/** The terms of 1 MB, beside the plainest way to count words. */
export async function measureTerms(rounds: number): Promise<Measurement> {
  const text = prose()
  // A new maker remembers no word.
  const tandem = (): Promise<number> => timed(() => new TermMaker().make(text))
  const bare = (): Promise<number> =>
    timed(() => {
      const counts = new Map<string, number>()
      for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) counts.set(word, (counts.get(word) ?? 0) + 1)
      return counts
    })
  return measurement('terms of 1 MB', await compare(rounds, tandem, bare), 'ms', { atMost: 4 })
}
