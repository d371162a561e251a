import type { IndexContext } from '../open/context.js'
import type { DocumentRow } from '../ports/kv-records.js'
import { indexedTexts } from './indexed-texts.js'

/**
 * Which documents have no point, as they have no text or are not indexed yet. No search by query or vector finds them.
 */
export async function haveNoPoints(
  index: IndexContext,
  rows: readonly DocumentRow[],
  signal: AbortSignal | undefined,
): Promise<boolean[]> {
  const firstIds = await Promise.all(rows.map(async (row) => (await indexedTexts(index, row))?.texts[0]?.id))
  const records = await index.space.get(
    firstIds.filter((id) => id !== undefined),
    { signal },
  )
  const found = new Set(records.map((record) => record?.id))
  return firstIds.map((id) => id === undefined || !found.has(id))
}
