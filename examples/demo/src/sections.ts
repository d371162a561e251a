import { outlineOf } from './outline.ts'

/** A part of a document that is short enough for the model to read whole. */
export interface Section {
  /** The headings above it, outermost first, as `A > B`; empty before the first heading. */
  readonly heading: string
  readonly body: string
}

export interface SectionLimits {
  /** Tokens of heading and body together. */
  readonly maxTokens: number
  countTokens(text: string): number
}

/** Cuts Markdown by its headings, and what is still too long between paragraphs. The same text always gives the same sections. */
export function cutMarkdown(markdown: string, limits: SectionLimits): Section[] {
  return outlineOf(markdown).flatMap(({ headings, blocks }) => fill(headings.join(' > '), blocks, limits))
}

/** Cuts a text without headings between paragraphs. */
export function cutPlainText(text: string, limits: SectionLimits): Section[] {
  const paragraphs = text.replaceAll(/\r\n?/g, '\n').split(/\n[ \t]*(?:\n[ \t]*)+/)
  return fill('', paragraphs.map((paragraph) => paragraph.trim()).filter(Boolean), limits)
}

function fill(heading: string, blocks: readonly string[], limits: SectionLimits): Section[] {
  // A heading as long as a page must not leave the text without room.
  const budget = Math.max(limits.maxTokens - limits.countTokens(heading), Math.ceil(limits.maxTokens / 2))
  return pack(blocks, '\n\n', budget, limits).map((body) => ({ heading, body }))
}

/** How a part that is too long by itself is taken apart: by paragraph, line, word and in the end anywhere. */
const finer: Readonly<Record<string, string>> = { '\n\n': '\n', '\n': ' ', ' ': '' }

/** Joins parts, in order, to texts within the budget. */
function pack(parts: readonly string[], joint: string, budget: number, limits: SectionLimits): string[] {
  const texts: string[] = []
  let current: string[] = []
  let used = 0
  const flush = () => {
    if (current.length > 0) texts.push(current.join(joint))
    current = []
    used = 0
  }
  for (const part of parts) {
    const cost = limits.countTokens(part)
    if (used + cost > budget) flush()
    const next = finer[joint]
    if (cost > budget && next !== undefined) {
      texts.push(...pack(takeApart(part, next), next, budget, limits))
    } else {
      current.push(part)
      used += cost
    }
  }
  flush()
  return texts
}

function takeApart(text: string, joint: string): string[] {
  // Whole characters, never half of a surrogate pair, and enough of them that a line of a megabyte is counted in good time.
  return joint === '' ? (text.match(/.{1,32}/gsu) ?? []) : text.split(joint)
}
