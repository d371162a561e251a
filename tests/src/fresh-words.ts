import { createStore, type IndexOptions, type JsonObject } from '@tandemstore/core'
import type { DocumentRow, VectorMatch } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { openRaw } from './raw.ts'

/** Who holds a word in an index of words alone that these rows were put into, and nothing else ever. */
export async function freshWords(
  rows: readonly DocumentRow[],
  index: IndexOptions,
): Promise<(word: string) => Promise<VectorMatch[]>> {
  const backend = { kv: memoryKV(), vectors: memoryIndex() }
  const store = await createStore({ ...backend, collection: 'fresh', index: { ...index, keywords: true } })
  const now = Date.now()
  const live = rows.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
  const documents = live.map(({ namespace, key, value, index: directive }) => ({
    namespace,
    key,
    value: JSON.parse(value) as JsonObject,
    ...(directive === undefined ? {} : { index: directive }),
  }))
  await store.putMany(documents, { sync: 'wait' })
  await store.close()
  const raw = await openRaw(backend, 'fresh')
  return raw.holders
}

/** Matches as a comparison shows them: which of two parts of one score is given is open, and so are the last digits. */
export function linesOf(matches: readonly VectorMatch[]): string[] {
  return matches.map(({ namespace, key, score }) => JSON.stringify([namespace, key, score.toPrecision(4)])).sort()
}
