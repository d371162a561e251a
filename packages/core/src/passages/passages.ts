import { checkInteger, checkOptions } from '../api/arguments.js'
import type { Document } from '../api/documents.js'
import { refId } from '../document/namespace.js'
import { WHOLE } from '../document/paths.js'
import { estimateTokens } from '../embedding/token-estimate.js'
import { invalid } from '../errors.js'
import { firstSentences, mostThatFit, truncateText } from '../indexing/chunk.js'
import type { DocumentRef } from '../ports/common.js'
import { finish, type Steps } from '../resilience/steps.js'
import { fieldText } from './hit-text.js'

/** What `passages` needs of a hit; every hit of `search` has it. */
export interface PassageHit {
  readonly document: Pick<Document<object>, 'namespace' | 'key' | 'value'>
  readonly matched?: { readonly field: string; readonly part: number; readonly text?: string | undefined } | undefined
}

export interface PassagesOptions {
  /** Tokens of the whole text at most, numbers and separators included; at least 1. */
  readonly maxTokens: number
  /** Tokens in a text; has to grow with it. Default: an estimate from above that suits most models. */
  readonly countTokens?: ((text: string) => number) | undefined
}

/** Where a passage comes from. */
export interface PassageSource extends DocumentRef {
  readonly field: string
  /** Which part of the field's texts, from 0. */
  readonly part: number
  /** The last one, where neighbouring parts were joined. */
  readonly lastPart?: number
}

export interface Passages {
  /**
   * The passages, best first, each behind its number: `[1] …`, a blank line, `[2] …`. Empty where there is no hit, or
   * no room.
   */
  readonly text: string
  /** The source of passage `[1]` first. */
  readonly sources: readonly PassageSource[]
}

/** Of a document whose matching part is not known, at most so many tokens are taken. */
const UNKNOWN_PART_TOKENS = 512

/**
 * Makes the text of a prompt out of hits, in the order that they come in. Of each hit the part that matched is taken,
 * each part once; parts of one document that follow each other are joined, where the better of them stands. What does
 * not fit is passed over, but for the first, of which as many sentences are taken as fit, and then no more. Where not
 * one sentence fits, a single passage is cut between words.
 *
 * Of a hit whose matching text is not known (its document has changed since, or it was found without a query) the
 * beginning of the field is taken, or of the whole value as JSON; 512 tokens at most.
 *
 * Pure, and linear in the texts of the hits. The texts are as they were stored: whoever wrote the documents may have
 * put instructions into them.
 *
 * @throws StoreError INVALID_ARGUMENT
 */
export function passages(hits: readonly PassageHit[], options: PassagesOptions): Passages {
  checkOptions(options, ['maxTokens', 'countTokens'])
  const { maxTokens, countTokens: count = estimateTokens } = options
  checkInteger(maxTokens, 'options.maxTokens', 1, Number.MAX_SAFE_INTEGER)
  if (typeof count !== 'function') throw invalid('options.countTokens', 'a function that counts tokens')
  if (!Array.isArray(hits)) throw invalid('hits', 'the hits of a search')
  const countTokens = (text: string): number => {
    const tokens: unknown = count(text)
    if (typeof tokens === 'number' && tokens >= 0) return tokens
    throw invalid('options.countTokens', `a function that gives a number of at least 0, not ${String(tokens)}`)
  }
  const taken: Part[] = []
  const known = new Set<string>()
  let used = 0
  for (const [i, hit] of hits.entries()) {
    const part = partOf(hit, i, countTokens)
    const id = `${part.of}\0${part.source.part}`
    if (known.has(id) || part.text.trim() === '') continue
    const room = maxTokens - used - countTokens(`${taken.length === 0 ? '' : SEPARATOR}${label(taken.length + 1)}`)
    const tokens = countTokens(part.text)
    if (tokens <= room) {
      taken.push(part)
      known.add(id)
      used = maxTokens - room + tokens
      continue
    }
    const text = cutTo(room, part.text, countTokens, taken.length === 0)
    if (text === '') continue
    taken.push({ ...part, text, isCut: true })
    break
  }
  if (taken.length === 0) return { text: '', sources: [] }
  // Counts of parts need not add up to the count of the whole.
  const fits = function* (some: number): Steps<boolean> {
    yield
    return countTokens(render(taken.slice(0, some)).text) <= maxTokens
  }
  const fitting = finish(mostThatFit(taken.length, taken.length, fits))
  return fitting > 1 || finish(fits(1)) ? render(taken.slice(0, fitting)) : { text: '', sources: [] }
}

const SEPARATOR = '\n\n'

function label(number: number): string {
  return `[${number}] `
}

/** What is taken of a hit. */
interface Part {
  readonly source: PassageSource
  /** Of the field of the document: its parts can be neighbours. */
  readonly of: string
  readonly text: string
  /** Whether what follows in the document is not the next part. */
  readonly isCut: boolean
}

function partOf(hit: PassageHit, i: number, countTokens: (text: string) => number): Part {
  const { namespace, key, value } = hit?.document ?? {}
  if (!Array.isArray(namespace) || typeof key !== 'string' || typeof value !== 'object' || value === null)
    throw invalid(`hits[${i}].document`, 'a document with its namespace, key and value')
  const { matched } = hit
  const { field = WHOLE, part = 0, text } = matched ?? {}
  if (typeof field !== 'string' || !Number.isSafeInteger(part))
    throw invalid(`hits[${i}].matched`, 'a field and the number of a part')
  const of = `${refId({ namespace, key })}\0${field}`
  if (text !== undefined) return { source: { namespace, key, field, part }, of, text, isCut: false }
  const beginning = truncateText(fieldText(value, field), UNKNOWN_PART_TOKENS, countTokens)
  return { source: { namespace, key, field, part: 0 }, of, text: beginning, isCut: true }
}

/** The first sentences of a text that fit; where it is the only one, else the first words. */
function cutTo(room: number, text: string, countTokens: (text: string) => number, isOnly: boolean): string {
  if (room < 1) return ''
  const sentences = firstSentences(text, room, countTokens)
  if (sentences.trim() !== '') return sentences
  const words = isOnly ? truncateText(text, room, countTokens) : ''
  return countTokens(words) <= room ? words : ''
}

function render(parts: readonly Part[]): Passages {
  const runs = joinNeighbours(parts)
  return {
    text: runs.map((run, i) => label(i + 1) + textOf(run)).join(SEPARATOR),
    sources: runs.map((run) => {
      const { source } = run[0] as Part
      const lastPart = (run.at(-1) as Part).source.part
      return { ...source, ...(lastPart === source.part ? {} : { lastPart }) }
    }),
  }
}

/** Runs of parts that follow each other in a document; the run with the best part first. */
function joinNeighbours(parts: readonly Part[]): Part[][] {
  const ranks = new Map(parts.map((part, rank) => [part, rank]))
  const runs: { rank: number; parts: Part[] }[] = []
  for (const ofField of Map.groupBy(parts, ({ of }) => of).values()) {
    let last: Part | undefined
    for (const part of ofField.sort((a, b) => a.source.part - b.source.part)) {
      const rank = ranks.get(part) as number
      const run = runs.at(-1)
      if (run !== undefined && last !== undefined && !last.isCut && last.source.part + 1 === part.source.part) {
        run.parts.push(part)
        run.rank = Math.min(run.rank, rank)
      } else runs.push({ rank, parts: [part] })
      last = part
    }
  }
  return runs.sort((a, b) => a.rank - b.rank).map((run) => run.parts)
}

/** Parts that were cut between words or lines keep what stood between them. */
function textOf(run: readonly Part[]): string {
  const text = run.map(({ text }, i) => (i === run.length - 1 || /\s$/.test(text) ? text : `${text}\n`)).join('')
  // The first line keeps its indentation.
  return text.trimEnd().replace(/^\s*\n/, '')
}
