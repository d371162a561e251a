import type { SearchMode } from '../api/queries.js'
import type { IndexContext } from '../open/context.js'
import type { DocumentRow } from '../ports/kv-records.js'
import { indexedTexts } from './indexed-texts.js'

/**
 * Which documents no search of a mode finds, whatever the query: those without a point, as they have no text or are not
 * indexed yet; by vector, also those whose points lack their vectors.
 */
export async function cannotBeFound(
  index: IndexContext,
  rows: readonly DocumentRow[],
  mode: SearchMode,
  signal: AbortSignal | undefined,
): Promise<boolean[]> {
  const ids = await Promise.all(
    rows.map(async (row) => ((await indexedTexts(index, row))?.texts ?? []).map(({ id }) => id)),
  )
  // Points come and go together, so that the first tells of all; vectors may come one by one.
  const asked = mode === 'vector' && index.keywords !== undefined ? ids : ids.map((of) => of.slice(0, 1))
  const records = await index.space.get(asked.flat(), { signal })
  const found = new Set<string>()
  for (const record of records) {
    if (record !== undefined && !(mode === 'vector' && record.lacksVector)) found.add(record.id)
  }
  return asked.map((of) => !of.some((id) => found.has(id)))
}
