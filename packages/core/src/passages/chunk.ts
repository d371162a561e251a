import { checkInteger, checkOneOf, checkOptions } from '../api/arguments.js'
import { estimateTokens } from '../embedding/token-estimate.js'
import { invalid } from '../errors.js'
import { chunkText } from '../indexing/chunk.js'
import { type Section, sectionsOf } from './markdown.js'

export interface ChunkOptions {
  /** Tokens of one chunk at most, at least 1. In Markdown those of its headings, joined by ` > `, count too. */
  readonly maxTokens: number
  /**
   * Tokens in a text; has to grow with it. Default: an estimate from above that suits most models; with an embedder,
   * `(text) => embedder.countTokens(text)` fills its limit better.
   */
  readonly countTokens?: ((text: string) => number) | undefined
  /** `markdown` cuts at headings first and keeps blocks whole. Default: `text`. */
  readonly format?: 'text' | 'markdown' | undefined
}

/** A part of a text. */
export interface Chunk {
  /** As it stands in the text. */
  readonly text: string
  /** The headings that it is under, its own among them, outermost first. Empty where there is none, and in plain text. */
  readonly headings: readonly string[]
}

/**
 * Cuts a text into chunks of at most `maxTokens`: between paragraphs, else lines, sentences, words, and in the end
 * between code points. The chunks joined are the text; but what is blank is left out. The same text always gives the
 * same chunks.
 *
 * With `format: 'markdown'` a chunk never goes on past a heading, begins with the heading if it is the first below it,
 * and holds every block (a paragraph, list, table or block of code) whole that fits. `headings` says where the others
 * stand; put them before the text, joined by ` > `, for an embedder to read. There is room for that, unless they take
 * more than half of `maxTokens`.
 *
 * @throws StoreError INVALID_ARGUMENT
 */
export function chunk(text: string, options: ChunkOptions): Chunk[] {
  checkOptions(options, ['maxTokens', 'countTokens', 'format'])
  if (typeof text !== 'string') throw invalid('text', 'a text')
  const { maxTokens, countTokens = estimateTokens, format } = options
  checkInteger(maxTokens, 'options.maxTokens', 1, Number.MAX_SAFE_INTEGER)
  checkOneOf(format, 'options.format', ['text', 'markdown'])
  if (typeof countTokens !== 'function') throw invalid('options.countTokens', 'a function that counts tokens')
  const chunks =
    format === 'markdown'
      ? sectionsOf(text).flatMap((section) => chunkSection(text, section, maxTokens, countTokens))
      : chunkText(text, maxTokens, countTokens).map((part) => ({ text: part, headings: [] }))
  return chunks.filter((each) => each.text.trim() !== '')
}

function chunkSection(
  markdown: string,
  { headings, start, bodyStart, end, blockEnds }: Section,
  maxTokens: number,
  countTokens: (text: string) => number,
): Chunk[] {
  const pathTokens = headings.length === 0 ? 0 : countTokens(headings.join(' > '))
  const opening = markdown.slice(start, bodyStart)
  const openingTokens = opening === '' ? 0 : countTokens(opening)
  const half = Math.ceil(maxTokens / 2)
  // Room for the heading before whatever becomes the first part, so that it never stands alone.
  const isShort = pathTokens + openingTokens <= maxTokens - half
  const from = isShort ? bodyStart : start
  const budget = isShort ? maxTokens - pathTokens - openingTokens : Math.max(maxTokens - pathTokens, half)
  const ends = (isShort || opening === '' ? blockEnds : [bodyStart, ...blockEnds]).map((at) => at - from)
  const parts = chunkText(markdown.slice(from, end), budget, countTokens, ends)
  const [first = '', ...rest] = parts
  // A single character, or a counter whose counts do not add up, may leave no room for the heading after all.
  const isTogether = isShort && countTokens(opening + first) <= maxTokens
  const texts = isTogether ? [opening + first, ...rest] : isShort ? [opening, ...parts] : parts
  return texts.map((text) => ({ text, headings }))
}
