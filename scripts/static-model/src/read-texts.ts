import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SourceFolder } from './fetch-sources.ts'

/** A piece of documentation: what stands above it, and what it says. */
export interface Passage {
  readonly title: string
  readonly body: string
}

/** Longer passages teach little more, and take the teacher's time. */
const maxLength = 420
const maxFileBytes = 4_000_000

/** The passages of a package in a fixed order, each once: sections of Markdown, comments of type declarations, docstrings of Python, definitions of WordNet. */
export async function readPassages({ folder }: SourceFolder): Promise<Passage[]> {
  const found = new Map<string, Passage>()
  for (const path of await filesIn(folder)) {
    const read = readerOf(path)
    if (read === undefined) continue
    const bytes = await readFile(path)
    if (bytes.length > maxFileBytes && !path.includes('/dict/')) continue
    for (const { title, body } of read(bytes.toString('utf8'))) {
      const passage = { title: tidy(title).slice(0, 120), body: cut(tidy(body)) }
      // Tables, signatures and lists of names are no language.
      if (passage.body.length >= 25 && isProse(passage.body)) found.set(hashOf(passage), passage)
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, passage]) => passage)
}

export function hashOf({ title, body }: Passage): string {
  return createHash('sha256').update(`${title}\0${body}`).digest('hex')
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function readerOf(path: string): ((text: string) => Passage[]) | undefined {
  if (/\.(?:md|mdx|markdown)$/i.test(path) && !/change|history|license/i.test(path)) return sectionsOf
  if (/\.d\.[mc]?ts$/.test(path)) return commentsOf
  if (/\.py$/.test(path) && !/\/tests?\//.test(path)) return docstringsOf
  if (/\/dict\/data\.\w+$/.test(path)) return definitionsOf
  return undefined
}

function sectionsOf(markdown: string): Passage[] {
  const passages: Passage[] = []
  const headings: string[] = []
  const text = markdown.replace(/^---\n[\s\S]*?\n---\n/, '').replace(/^(`{3,}|~{3,})[\s\S]*?^\1/gm, '')
  for (const block of text.split(/\n\s*\n|\n(?=#{1,6} )/)) {
    const [, marks, heading = '', rest = ''] = /^(#{1,6}) +(.*)(?:\n([\s\S]*))?$/.exec(block.trim()) ?? []
    if (marks !== undefined) {
      headings.length = marks.length - 1
      headings.push(plain(heading))
    }
    const title = headings.filter(Boolean).slice(-2).join(': ')
    passages.push({ title, body: plain(marks === undefined ? block : rest) })
  }
  return passages
}

function plain(markdown: string): string {
  return markdown
    .replace(/<!--[\s\S]*?-->|<\/?[a-z][^<>]*>/gi, ' ')
    .replace(/!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])/g, ' ')
    .replace(/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replace(/[*_`|]+/g, ' ')
}

function commentsOf(declarations: string): Passage[] {
  return [...declarations.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, comment = '']) => {
    const text = comment
      .replace(/^\s*\*? ?/gm, '')
      .replace(/```[\s\S]*?```/g, '')
      .replace(/\{@\w+ ([^}]*)\}/g, '$1')
    return titled(plain(text.split(/^@/m, 1)[0] ?? ''))
  })
}

function docstringsOf(python: string): Passage[] {
  return [...python.matchAll(/"""([\s\S]*?)"""/g)].flatMap(([, docstring = '']) => {
    const text = docstring.split(/^\s*(?:>>>|\.\. math|References\s*$|Examples\s*$)/m, 1)[0] ?? ''
    const paragraphs = text.split(/\n\s*\n/).map((each) => each.replace(/[-=~^]{4,}/g, ' '))
    const first = paragraphs[0] ?? ''
    return [
      titled(paragraphs.slice(0, 3).join('\n\n')),
      ...paragraphs.slice(3).map((body) => ({ title: tidy(first), body })),
    ]
  })
}

/** The first sentence is what many a comment has instead of a title. */
function titled(text: string): Passage {
  const [, first = '', rest = ''] = /^\s*([\s\S]{12,160}?[.:])\s+([\s\S]{40,})$/.exec(text) ?? []
  return first === '' ? { title: '', body: text } : { title: first, body: rest }
}

function definitionsOf(data: string): Passage[] {
  return data.split('\n').flatMap((line) => {
    const [head = '', gloss] = line.split(' | ')
    if (gloss === undefined || line.startsWith(' ')) return []
    const fields = head.split(' ')
    const count = Number.parseInt(fields[3] ?? '0', 16)
    const words = Array.from({ length: count }, (_, i) =>
      (fields[4 + 2 * i] ?? '').replaceAll('_', ' ').replace(/\(\w+\)$/, ''),
    )
    return [{ title: words.join(', '), body: gloss }]
  })
}

function tidy(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** The beginning, ended where a sentence or at least a word does. */
function cut(text: string): string {
  if (text.length <= maxLength) return text
  const start = text.slice(0, maxLength)
  const end = Math.max(start.lastIndexOf('. ') + 1, start.lastIndexOf(' '))
  return start.slice(0, end).toWellFormed()
}

function isProse(text: string): boolean {
  const letters = text.replace(/[^A-Za-z ]/g, '').length
  return letters >= 0.85 * text.length && text.split(' ').length >= 4
}
