import type { Nodes, RootContent } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'

/** What stands under one heading, up to the next. */
export interface OutlineEntry {
  /** The headings above it, outermost first. */
  readonly headings: readonly string[]
  /** Its paragraphs, lists and code blocks as plain text. */
  readonly blocks: readonly string[]
}

const MAX_HEADING_LENGTH = 120
/** Deeper than any list that a person writes, and far from where recursion ends. */
const MAX_NESTING = 50

/**
 * The text of a Markdown document by heading. Images (and with them badges), HTML tags and comments are dropped, and of front matter
 * all but its title.
 */
export function outlineOf(markdown: string): OutlineEntry[] {
  const { title, body } = splitFrontMatter(markdown.replaceAll(/\r\n?/g, '\n'))
  const entries: OutlineEntry[] = []
  let open: Heading[] = title === '' ? [] : [{ depth: 0, title }]
  let blocks: string[] = []
  const close = () => {
    if (blocks.length > 0) entries.push({ headings: open.map(({ title }) => title), blocks })
    blocks = []
  }
  for (const node of fromMarkdown(body).children) {
    const heading = headingOf(node)
    if (heading) {
      close()
      open = open.filter(({ depth }) => depth < heading.depth)
      if (heading.title !== '' && heading.title !== open.at(-1)?.title) open.push(heading)
    } else {
      const text = blockText(node).trim()
      if (text !== '') blocks.push(text)
    }
  }
  close()
  return entries
}

interface Heading {
  readonly depth: number
  readonly title: string
}

/** Front matter is YAML between `---` or TOML between `+++`, at the very start; a thematic break is none. */
function splitFrontMatter(markdown: string): { title: string; body: string } {
  const [whole = '', , matter = ''] =
    /^(---|\+\+\+)[ \t]*\n((?:[\w"'-]+[ \t]*[:=]|#)[\s\S]*?)\n\1[ \t]*(?:\n|$)/.exec(markdown) ?? []
  const title = /^title[ \t]*[:=][ \t]*(["']?)(.+)\1[ \t]*$/m.exec(matter)?.[2] ?? ''
  return { title: toTitle(title), body: markdown.slice(whole.length) }
}

function headingOf(node: RootContent): Heading | undefined {
  if (node.type === 'heading') return { depth: node.depth, title: toTitle(inlineText(node)) }
  if (node.type !== 'html') return undefined
  // Many a README has its title in an HTML block, to centre it.
  const [, level] = /^<h([1-6])[\s>][\s\S]*<\/h\1>\s*$/i.exec(node.value) ?? []
  return level === undefined ? undefined : { depth: Number(level), title: toTitle(htmlText(node.value)) }
}

function toTitle(text: string): string {
  const title = text.replaceAll(/\s+/g, ' ').trim()
  return title.length <= MAX_HEADING_LENGTH ? title : `${title.slice(0, MAX_HEADING_LENGTH).toWellFormed()}…`
}

function blockText(node: Nodes, nesting = 0): string {
  if (nesting > MAX_NESTING) return ''
  switch (node.type) {
    case 'code':
      return node.value
    case 'html':
      return htmlText(node.value)
    case 'heading':
    case 'paragraph':
      return inlineText(node)
    case 'list': {
      const first = node.start ?? 1
      return node.children
        .map((item, i) => `${node.ordered ? `${first + i}.` : '-'} ${blockText(item, nesting + 1)}`)
        .join('\n')
    }
    case 'listItem':
      return childTexts(node.children, nesting).join('\n')
    case 'blockquote':
      return childTexts(node.children, nesting).join('\n\n')
    default:
      return ''
  }
}

function childTexts(nodes: readonly Nodes[], nesting: number): string[] {
  return nodes.map((node) => blockText(node, nesting + 1)).filter((text) => text.trim() !== '')
}

function inlineText(node: Nodes, nesting = 0): string {
  if (node.type === 'text' || node.type === 'inlineCode') return node.value
  if (node.type === 'break') return '\n'
  if (!('children' in node) || nesting > MAX_NESTING) return ''
  return node.children.map((child) => inlineText(child, nesting + 1)).join('')
}

function htmlText(html: string): string {
  return html
    .replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replaceAll(/<(script|style|svg)[\s>][\s\S]*?(?:<\/\1>|$)/gi, '')
    .replaceAll(/<\/?[a-z][^<>]*>/gi, '')
    .replaceAll(/[ \t]*\n\s*/g, '\n')
}
