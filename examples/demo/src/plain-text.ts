import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'

/** Deeper than any list that a person writes, and far from where recursion ends. */
const MAX_NESTING = 50

/**
 * The text of Markdown as somebody reads it: paragraphs, lists and code. Headings, images (and with them badges), HTML
 * tags and comments are dropped.
 */
export function plainText(markdown: string): string {
  return fromMarkdown(markdown)
    .children.filter((node) => node.type !== 'heading' && !(node.type === 'html' && /^<h[1-6][\s>]/i.test(node.value)))
    .map((node) => blockText(node).trim())
    .filter((text) => text !== '')
    .join('\n\n')
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
  if (node.type === 'text') return withoutReferences(node.value)
  if (node.type === 'inlineCode') return node.value
  if (node.type === 'break') return '\n'
  if (!('children' in node) || nesting > MAX_NESTING) return ''
  return node.children.map((child) => inlineText(child, nesting + 1)).join('')
}

/** What a reference says whose definition is in another part of the text; nothing, if it is an image. */
function withoutReferences(text: string): string {
  return text.replaceAll(/!\[[^[\]]*\]\[[^[\]]*\]/g, '').replaceAll(/\[([^[\]]*)\]\[[^[\]]*\]/g, '$1')
}

function htmlText(html: string): string {
  return html
    .replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replaceAll(/<(script|style|svg)[\s>][\s\S]*?(?:<\/\1>|$)/gi, '')
    .replaceAll(/<\/?[a-z][^<>]*>/gi, '')
    .replaceAll(/[ \t]*\n\s*/g, '\n')
}
