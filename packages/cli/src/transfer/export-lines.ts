import type { DocumentPart, Store } from '@tandemstore/core'
import type { DocumentRow, KVCollection, Namespace } from '@tandemstore/core/adapter'
import { rowPages } from '../source/rows.js'
import { documentLine, footerLine } from './format.js'

/** What an export did so far. */
export interface ExportCounts {
  documents: number
  vectors: number
  /** Texts that the index has no vector of. */
  withoutVector: number
  /** Documents left out, as their stored values are damaged. */
  damaged: number
}

export interface ExportOptions {
  readonly prefix: Namespace
  /** Open where vectors are to come along. */
  readonly store: Store | undefined
  readonly counts: ExportCounts
  readonly signal: AbortSignal
}

/** Documents read at a time; with vectors a page of them takes some megabytes. */
const PAGE = 500

/** The lines after the header, a page at a time, and at the end the footer. Holds one page in memory. */
export async function* exportLines(
  kv: KVCollection,
  { prefix, store, counts, signal }: ExportOptions,
): AsyncGenerator<string> {
  for await (const rows of rowPages(kv, prefix, PAGE, signal)) {
    const parts = store && (await partsOf(store, rows, signal))
    let text = ''
    for (const [i, row] of rows.entries()) {
      const line = documentLine(row, parts?.[i])
      if (line === undefined) counts.damaged += 1
      else {
        text += line
        counts.documents += 1
        for (const { vector } of parts?.[i] ?? []) counts[vector === undefined ? 'withoutVector' : 'vectors'] += 1
      }
    }
    yield text
  }
  const { documents, vectors } = counts
  yield footerLine({ documents, vectors: store && vectors })
}

async function partsOf(store: Store, rows: readonly DocumentRow[], signal: AbortSignal): Promise<DocumentPart[][]> {
  return store.parts(
    rows.map(({ namespace, key }) => ({ namespace, key })),
    { vectors: true, signal },
  )
}
