import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { lruCache } from '@tandemstore/cache-lru'
import { createStore, type Store } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import type { SectionValue } from './collect.ts'
import type { StoredSection } from './plan.ts'

export type Library = Store<SectionValue>

export type Database = ReturnType<typeof sqlite>

/** One SQLite file for documents and vectors, made when the first store is opened. */
export async function database(path: string): Promise<Database> {
  await mkdir(dirname(path), { recursive: true })
  return sqlite({ path })
}

/** Opens the store of sections. */
export function openLibrary({ kv, vectors }: Database, embedder: Embedder): Promise<Library> {
  return createStore<SectionValue>({
    collection: 'sections',
    kv,
    vectors,
    embedder,
    cache: lruCache({ maxEntries: 10_000 }),
    // Found by meaning and by words: a name of a function, an option, an error.
    index: { fields: ['text'], keywords: { language: 'english' } },
    // Enough to keep the model busy, and little for the next run to catch up on after a Ctrl-C.
    maxPending: 256,
    embedding: { onTooLong: 'truncate' },
  })
}

/** Every section that the store has, searchable already or about to be. */
export async function storedSections(library: Library, signal: AbortSignal): Promise<StoredSection[]> {
  const stored: StoredSection[] = []
  let cursor: string | undefined
  do {
    const page = await library.list([], { limit: 1000, signal, ...(cursor !== undefined && { cursor }) })
    for (const { namespace, key, value } of page.items) stored.push({ namespace, key, file: value.file })
    cursor = page.cursor
  } while (cursor !== undefined)
  return stored
}

/** How many sections have a vector: each has one at the most. */
export async function countSearchable(library: Library, signal: AbortSignal): Promise<number> {
  const { space } = await library.health({ signal })
  return space?.points ?? 0
}

/** One file for each embedder and folder, as sections are cut to what the model can read; an earlier demo had no words in its files. */
export function databasePath(home: string, embedderName: string, folder?: string): string {
  if (folder === undefined) return join(home, `demo-words-${embedderName}.sqlite`)
  const readable = basename(folder)
    .replaceAll(/[^\w.-]/g, '_')
    .slice(0, 40)
  const exact = createHash('sha256').update(folder).digest('hex').slice(0, 8)
  return join(home, `demo-words-${readable}-${exact}-${embedderName}.sqlite`)
}
