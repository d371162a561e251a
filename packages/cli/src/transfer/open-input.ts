import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { wrongUsage } from '../exit-codes.js'
import type { Input, Shape } from './incoming.js'
import { csvInput } from './inputs/csv.js'
import { jsonlInput } from './inputs/jsonl.js'
import { markdownInput } from './inputs/markdown.js'

export const inputFormats = ['jsonl', 'csv', 'tsv', 'markdown'] as const
export type InputFormat = (typeof inputFormats)[number]

/** What a path is by its kind and ending: a folder of Markdown, CSV, TSV, else lines of JSON. */
export async function formatOf(path: string): Promise<InputFormat> {
  if (path === '-') return 'jsonl'
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw wrongUsage(`${path}: ${cause.code === 'ENOENT' ? 'there is no such file' : cause.message}`, cause)
  })
  if (found.isDirectory()) return 'markdown'
  const ending = extname(path).toLowerCase()
  return ending === '.csv' || ending === '.tsv' ? (ending.slice(1) as 'csv' | 'tsv') : 'jsonl'
}

/** `path`: `-` for standard input. */
export function openInput(path: string, format: InputFormat, shape: Shape): Promise<Input> {
  const file = path === '-' ? undefined : path
  if (format === 'markdown') return markdownInput(path, shape)
  return format === 'jsonl' ? jsonlInput(file, shape) : csvInput(file, format === 'csv' ? ',' : '\t', shape)
}
