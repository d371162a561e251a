import { hash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, sep } from 'node:path'
import type { JsonObject } from '@tandemstore/core'
import { parse } from 'yaml'
import type { Incoming, Input, Shape, Unreadable } from '../incoming.js'

const endings = ['.md', '.mdx', '.markdown', '.txt']

/**
 * The Markdown and text files of a folder, a document each: the folders in it become labels, the file's name the key, its
 * front matter fields beside `title` and `text`. A long text is cut into parts by the store.
 */
export async function markdownInput(folder: string, shape: Shape): Promise<Input> {
  const files: string[] = []
  for await (const file of filesIn(folder)) files.push(file)
  let done = 0
  return {
    name: folder,
    unit: 'file',
    isRepeatable: true,
    async *read(after) {
      for (const [i, file] of files.entries()) {
        done = i + 1
        if (i >= after) yield await read(folder, file, i + 1, shape)
      }
    },
    share: () => (files.length === 0 ? undefined : done / files.length),
    footer: () => undefined,
    async identity() {
      const states = await Promise.all(files.map(async (file) => [file, (await stat(file)).mtimeMs]))
      return hash('sha256', JSON.stringify(states), 'base64url')
    },
  }
}

/** In order of path; neither hidden ones nor those of node_modules. Links are not followed: they may lead in a circle. */
async function* filesIn(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesIn(path)
    else if (entry.isFile() && endings.includes(extname(entry.name).toLowerCase())) yield path
  }
}

async function read(folder: string, file: string, position: number, shape: Shape): Promise<Incoming | Unreadable> {
  const path = relative(folder, file).split(sep).join('/')
  const source = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const [, yaml, body = source] = /^---\n([\s\S]*?)\n---(?:\n([\s\S]*))?$/.exec(source) ?? []
  const text = (yaml === undefined ? source : body).trim()
  const front = frontMatter(yaml)
  if (front === undefined) return { position, reason: `${path}: the front matter is not YAML` }
  const heading = /^#[ \t]+(.+?)[ \t]*#*$/m.exec(text)?.[1]
  const title = typeof front.title === 'string' ? front.title : (heading ?? basename(file, extname(file)))
  const folders = dirname(path) === '.' ? [] : dirname(path).split('/')
  const { mtime } = await stat(file)
  return {
    position,
    size: source.length,
    document: {
      namespace: [...shape.namespace, ...folders],
      key: basename(path),
      value: { ...front, title, text },
      createdAt: mtime,
      updatedAt: mtime,
      ...(shape.index === undefined ? {} : { index: shape.index }),
    },
  }
}

/** As JSON has it: dates become texts. */
function frontMatter(yaml: string | undefined): JsonObject | undefined {
  if (yaml === undefined) return {}
  try {
    const value: unknown = JSON.parse(JSON.stringify(parse(yaml) ?? {}))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}
