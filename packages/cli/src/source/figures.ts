import { stat } from 'node:fs/promises'
import type { Namespace } from '@tandemstore/core/adapter'
import { encodeNamespace } from '@tandemstore/core/adapter'
import type { Place } from './place.js'
import { rowPages, withCollection } from './rows.js'

/** What the documents under a prefix are like. */
export interface Figures {
  readonly documents: number
  readonly namespaces: number
  /** UTF-8 bytes of their JSON. */
  readonly valueBytes: number
  /** Put with `index: false`. */
  readonly notIndexed: number
  readonly withExpiry: number
  /** The first and the last change; absent where there is no document. */
  readonly oldest?: Date | undefined
  readonly newest?: Date | undefined
  /** Of the SQLite file and what belongs to it. */
  readonly fileBytes?: number | undefined
}

const PAGE = 1000

/** Reads every document under a prefix once, in pages. */
export async function collectFigures(place: Place, prefix: Namespace, signal: AbortSignal): Promise<Figures> {
  let [documents, namespaces, valueBytes, notIndexed, withExpiry] = [0, 0, 0, 0, 0]
  let [oldest, newest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let current: string | undefined
  await withCollection(place, async (kv) => {
    for await (const rows of rowPages(kv, prefix, PAGE, signal)) {
      for (const { namespace, value, index, expiresAt, updatedAt } of rows) {
        documents += 1
        valueBytes += Buffer.byteLength(value)
        if (index === false) notIndexed += 1
        if (expiresAt !== undefined) withExpiry += 1
        oldest = Math.min(oldest, updatedAt)
        newest = Math.max(newest, updatedAt)
        // They come in order.
        const name = encodeNamespace(namespace)
        if (name !== current) namespaces += 1
        current = name
      }
    }
  })
  const ages = documents === 0 ? {} : { oldest: new Date(oldest), newest: new Date(newest) }
  return { documents, namespaces, valueBytes, notIndexed, withExpiry, ...ages, fileBytes: await sizeOf(place.file) }
}

async function sizeOf(file: string | undefined): Promise<number | undefined> {
  if (file === undefined) return undefined
  const sizes = ['', '-wal'].map((suffix) =>
    stat(`${file}${suffix}`).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
