import { fromMarkdown } from 'mdast-util-from-markdown'
import { toString as plainText } from 'mdast-util-to-string'

/** A part of a text that stands by itself. */
export interface Section {
  /** Empty where there is none. */
  readonly heading: string
  /** As it was written, without the heading. */
  readonly body: string
}

/** Paragraphs of a text without headings are joined up to about so many characters. */
const TEXT_SECTION = 1000

/**
 * Cuts Markdown at its headings; front matter is left out. Text before the first heading is a section too, and
 * sections without a body are dropped.
 */
export function cutMarkdown(markdown: string): Section[] {
  const source = markdown.replaceAll(/\r\n?/g, '\n').replace(/^---\n(?=[\w-]+:)[\s\S]*?\n---(?:\n|$)/, '')
  const { children } = fromMarkdown(source)
  const headings = children.filter((node) => node.type === 'heading')
  const starts = headings.map((node) => node.position?.start.offset ?? 0)
  const sections = headings.map((node, i) => ({
    heading: plainText(node).replaceAll(/\s+/g, ' ').trim(),
    body: source.slice(node.position?.end.offset, starts[i + 1]).trim(),
  }))
  const before = { heading: '', body: source.slice(0, starts[0]).trim() }
  return [before, ...sections].filter(({ body }) => body !== '')
}

/** Cuts a text between paragraphs, into sections of some paragraphs each. */
export function cutPlainText(text: string): Section[] {
  const sections: Section[] = []
  let body = ''
  for (const paragraph of text.replaceAll(/\r\n?/g, '\n').split(/\n\s*\n/)) {
    const trimmed = paragraph.trim()
    if (trimmed === '') continue
    if (body !== '' && body.length + trimmed.length > TEXT_SECTION) {
      sections.push({ heading: '', body })
      body = ''
    }
    body = body === '' ? trimmed : `${body}\n\n${trimmed}`
  }
  return body === '' ? sections : [...sections, { heading: '', body }]
}
