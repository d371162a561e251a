import { open } from 'node:fs/promises'
import { brokenLine, noCorpus } from './errors.js'

export interface Line {
  /** From 1. */
  readonly line: number
  readonly text: string
}

/** The lines of a UTF-8 file that hold more than spaces. A byte order mark and either end of line are taken. */
export async function* readLines(path: string): AsyncGenerator<Line> {
  let line = 0
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw noCorpus(`${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`, error)
  })
  try {
    for await (const text of file.readLines({ encoding: 'utf8' })) {
      line += 1
      const clean = line === 1 ? text.replace(/^\uFEFF/, '') : text
      if (clean.trim() !== '') yield { line, text: clean }
    }
  } finally {
    await file.close()
  }
}

export interface JsonLine {
  readonly line: number
  readonly value: Readonly<Record<string, unknown>>
}

/** One JSON object a line. INVALID_ARGUMENT names file and line of one that is none. */
export async function* readJsonLines(path: string): AsyncGenerator<JsonLine> {
  for await (const { line, text } of readLines(path)) {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      // The parser's own message would show the document.
      throw brokenLine(path, line, 'this is not JSON')
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw brokenLine(path, line, 'expected a JSON object')
    }
    yield { line, value: value as Record<string, unknown> }
  }
}

/** A field that holds an id: a text, or a whole number, which is taken as text. */
export function idOf({ line, value }: JsonLine, field: string, path: string): string {
  const id = value[field]
  if (typeof id === 'string' && id !== '') return id
  if (Number.isSafeInteger(id)) return String(id)
  throw brokenLine(path, line, `expected an id in "${field}"`)
}

/** A field that holds a text. Where it may be absent, null and nothing count as the empty text. */
export function textOf({ line, value }: JsonLine, field: string, path: string, optional = false): string {
  const text = value[field]
  if (typeof text === 'string') return text
  if (optional && (text === undefined || text === null)) return ''
  throw brokenLine(path, line, `expected a text in "${field}"`)
}
