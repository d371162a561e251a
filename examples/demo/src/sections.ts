import { chunk } from '@tandemstore/core'
import { plainText } from './plain-text.ts'

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

/** YAML between `---` or TOML between `+++`, at the very start. */
const frontMatter = /^(---|\+\+\+)[ \t]*\n(?:[\w"'-]+[ \t]*[:=]|#)[\s\S]*?\n\1[ \t]*(?:\n|$)/

/** Cuts Markdown by its headings, and what is still too long between blocks. The same text always gives the same sections. */
export function cutMarkdown(markdown: string, limits: SectionLimits): Section[] {
  let isInCode = false
  return chunk(markdown.replaceAll(/\r\n?/g, '\n'), { ...limits, format: 'markdown' }).flatMap(({ text, headings }) => {
    // Code that was cut goes on in the next part.
    const body = plainText(isInCode ? `\`\`\`\n${text}` : text.replace(frontMatter, ''))
    const fences = text.match(/^[ \t]*(?:```|~~~)/gm)?.length ?? 0
    isInCode = isInCode !== (fences % 2 === 1)
    return body === '' ? [] : [{ heading: headings.join(' > '), body }]
  })
}

/** Cuts a text without headings between paragraphs. */
export function cutPlainText(text: string, limits: SectionLimits): Section[] {
  return chunk(text.replaceAll(/\r\n?/g, '\n'), limits).map((part) => ({ heading: '', body: part.text.trim() }))
}
