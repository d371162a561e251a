import type { Json } from '../document/paths.js'
import { storedValue } from '../document/row.js'
import { StoreError } from '../errors.js'
import type { DocumentTexts } from '../indexing/point-maker.js'
import type { IndexContext } from '../open/context.js'
import type { DocumentRow } from '../ports/kv-records.js'

/** The texts that a stored document is indexed by; `undefined` if they are refused (too long). */
export async function indexedTexts(
  { points }: IndexContext,
  row: DocumentRow,
  value: Json = storedValue(row),
): Promise<DocumentTexts | undefined> {
  try {
    return await points.makeInTurns(row, value, row.index)
  } catch (error) {
    if (StoreError.isInstance(error) && error.code === 'EMBEDDING_FAILED') return undefined
    throw error
  }
}
