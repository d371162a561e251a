import { seededRandom } from '../random.js'
import type { Corpus, CorpusDocument, CorpusQuery } from './corpus.js'
import { noCorpus } from './errors.js'
import type { Section } from './sections.js'
import type { Warnings } from './warnings.js'

export interface NamedSection extends Section {
  readonly id: string
}

export interface KnownItemOptions {
  readonly name: string
  readonly seed: number
  readonly maxQueries: number
  readonly warnings: Warnings
}

/** Of a heading: `Usage` alone tells too little of what to find. */
const LEAST_HEADING_WORDS = 2
const LEAST_SENTENCE_WORDS = 4
/** What must be left of a section to be found by. */
const LEAST_ANSWER_WORDS = 5
/** Longer ones are no queries anybody asks. */
const MOST_QUERY_LENGTH = 300

/**
 * Makes a corpus of texts that nobody has judged, for known-item search: the heading of a section, or else the first
 * sentence, is the query, and the section without it is the one answer, as is every other document of the same text.
 * A heading or sentence that several sections begin with is no query. A section without a query is a document all the
 * same. Of more queries than asked for, some are drawn by the seed.
 */
export function knownItems(sections: readonly NamedSection[], options: KnownItemOptions): Corpus {
  const { warnings } = options
  const distinct = distinctSections(sections.map(clean))
  warnings.count('sections are the same as another, and were left out', sections.length - distinct.length)
  const headings = countBy(distinct.map(({ heading }) => normal(heading)))
  const sentences = countBy(distinct.map(({ body }) => normal(firstSentence(body))))

  const items = distinct.map((section) => ({ section, item: itemOf(section, headings, sentences) }))
  const documents: CorpusDocument[] = items.map(({ section, item }) => ({
    id: section.id,
    text: item?.answer ?? join(section.heading, section.body),
  }))
  const idsByText = Map.groupBy(documents, ({ text }) => text)
  const queries: CorpusQuery[] = items.flatMap(({ item, section: { id } }) => {
    if (item === undefined) return []
    const same = idsByText.get(item.answer) ?? []
    return [{ id, text: item.query, judgements: new Map(same.map((document) => [document.id, 1])) }]
  })
  if (queries.length === 0) {
    throw noCorpus(`${options.name}: no section has a heading or first sentence that can serve as a query`)
  }
  return {
    name: options.name,
    kind: 'known-item',
    documents,
    queries: draw(queries, options),
    warnings: warnings.texts,
  }
}

function clean({ id, heading, body }: NamedSection): NamedSection {
  const wellFormed = (text: string) => text.toWellFormed().replaceAll('\0', ' ').trim()
  return { id, heading: wellFormed(heading), body: wellFormed(body) }
}

function distinctSections(sections: readonly NamedSection[]): NamedSection[] {
  const byText = new Map<string, NamedSection>()
  for (const section of sections) {
    const text = join(section.heading, section.body)
    if (text !== '' && !byText.has(text)) byText.set(text, section)
  }
  return [...byText.values()]
}

function itemOf(
  { heading, body }: NamedSection,
  headings: ReadonlyMap<string, number>,
  sentences: ReadonlyMap<string, number>,
): { query: string; answer: string } | undefined {
  const sentence = firstSentence(body)
  const candidates = [
    ...(words(heading) >= LEAST_HEADING_WORDS && headings.get(normal(heading)) === 1
      ? [{ query: heading, answer: body }]
      : []),
    ...(words(sentence) >= LEAST_SENTENCE_WORDS && sentences.get(normal(sentence)) === 1
      ? [{ query: sentence, answer: join(heading, body.slice(sentence.length).trim()) }]
      : []),
  ]
  return candidates
    .map(({ query, answer }) => ({ query, answer: answer.replaceAll(query, ' ').trim() }))
    .find(({ query, answer }) => query.length <= MOST_QUERY_LENGTH && words(answer) >= LEAST_ANSWER_WORDS)
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

/** What the text begins with; empty where that is no prose but a list, a table, code or markup. */
function firstSentence(text: string): string {
  const paragraph = text.split(/\n\s*\n/, 1)[0] ?? ''
  if (!/^[\p{L}\p{N}"'“(*_`]/u.test(paragraph) || /^(```|[*\-+] |\d+[.)] )/.test(paragraph)) return ''
  for (const { segment } of segmenter.segment(paragraph.replaceAll('\n', ' '))) return segment.trim()
  return ''
}

function draw(queries: readonly CorpusQuery[], { seed, maxQueries }: KnownItemOptions): CorpusQuery[] {
  const random = seededRandom(seed, 'queries')
  const left = [...queries]
  while (left.length > maxQueries) left.splice(random.integer(left.length), 1)
  return left
}

const join = (heading: string, body: string): string => [heading, body].filter((each) => each !== '').join('\n\n')
const words = (text: string): number => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0
const normal = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, ' ').trim()

function countBy(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}
