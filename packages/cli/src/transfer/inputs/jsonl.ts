import type { JsonObject, PutManyDocument } from '@tandemstore/core'
import { wrongUsage } from '../../exit-codes.js'
import {
  type ExportedDocument,
  type ExportedVector,
  type Footer,
  type Header,
  isKnownFormat,
  markOf,
} from '../format.js'
import type { Incoming, Input, Shape, Unreadable } from '../incoming.js'
import { shapeValue } from '../shape-value.js'
import { byteSource } from './byte-share.js'
import { linesOf } from './lines.js'

/** Lines of JSON: an export of ours, or any objects. `path`: absent for standard input. */
export async function jsonlInput(path: string | undefined, shape: Shape): Promise<Input> {
  const source = await byteSource(path)
  const lines = linesOf(source)
  const first = await lines.next()
  // Standard input comes once: its first line is kept for reading. A file is read from the beginning.
  const once = path === undefined ? lines : undefined
  if (once === undefined) await lines.return(undefined)
  const header = first.done ? undefined : headerOf(first.value, path)
  let isExport = header !== undefined
  let footer: Footer | undefined
  return {
    name: path ?? 'standard input',
    unit: 'line',
    isRepeatable: path !== undefined,
    header,
    async *read(after) {
      footer = undefined
      let position = 0
      for await (const line of once === undefined ? linesOf(source) : again(first, once)) {
        position += 1
        const text = position === 1 ? line.replace(/^\uFEFF/, '') : line
        // A header is for all lines after it.
        if ((position <= after && position > 1) || text.trim() === '') continue
        const value = parse(text)
        if (value === undefined) {
          yield { position, reason: 'this is not a JSON object' }
          continue
        }
        const mark = markOf(value)
        const at = { position, size: text.length }
        if (mark === undefined && position > after) yield isExport ? restore(value, at) : shapeValue(value, at, shape)
        else if (mark?.collection !== undefined) isExport = true
        else if (mark?.documents !== undefined) footer = mark as Footer
      }
    },
    share: source.share,
    footer: () => footer,
    identity: source.identity,
  }
}

async function* again(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (!first.done) yield first.value
  yield* rest
}

function headerOf(line: string, path = 'standard input'): Header | undefined {
  const value = parse(line.replace(/^\uFEFF/, ''))
  const mark = value && markOf(value)
  if (mark === undefined) return undefined
  if (!isKnownFormat(mark)) throw wrongUsage(`${path} was exported by a later release: update @tandemstore/cli`)
  return mark as Header
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

const times = ['createdAt', 'updatedAt', 'expiresAt'] as const

/** What else is wrong in it, core says. */
function restore(line: JsonObject, at: Pick<Incoming, 'position' | 'size'>): Incoming | Unreadable {
  const { vectors, namespace, key, value, ttlMs, index, ...rest } = line as unknown as ExportedDocument
  const document: Record<string, unknown> = { namespace, key, value }
  if (ttlMs !== undefined) document.ttlMs = ttlMs
  if (index !== undefined) document.index = index
  for (const name of times) {
    const time: unknown = rest[name]
    if (time === undefined) continue
    // Of anything else a Date makes a time, too: of null that of 1970, when a document has long expired.
    const date = typeof time === 'string' ? new Date(time) : undefined
    if (date === undefined || Number.isNaN(date.getTime()))
      return { position: at.position, reason: `"${name}" is no time` }
    document[name] = date
  }
  if (vectors !== undefined && !areVectors(vectors))
    return { position: at.position, reason: '"vectors" is no list of hashes and vectors' }
  return { ...at, document: document as unknown as PutManyDocument, vectors }
}

function areVectors(value: unknown): value is readonly ExportedVector[] {
  if (!Array.isArray(value)) return false
  return value.every((each) => typeof each?.hash === 'string' && typeof each.vector === 'string')
}
