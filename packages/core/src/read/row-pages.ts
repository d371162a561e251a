import type { DocumentRef, Namespace } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { DocumentRow } from '../ports/kv-records.js'
import { readAhead } from './read-ahead.js'

const FIRST_PAGE = 250
const MAX_PAGE = 500
/** Characters of values that a page should hold, so that memory stays flat however large the documents are. */
const PAGE_LENGTH = 4_000_000

/** Every row under a prefix, expired ones too, page by page. The next page is read while one is worked on. */
export async function* rowPages(
  kv: KVCollection,
  prefix: Namespace,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly DocumentRow[], void, undefined> {
  let limit = FIRST_PAGE
  const read = (after: DocumentRef | undefined) => kv.list({ prefix, after, limit }, { signal })
  const pages = readAhead(read, ({ rows, next }) => {
    limit = rowsThatFit(rows)
    return next
  })
  for await (const { rows } of pages) yield rows
}

/** How many rows of the size of these make up a page. */
function rowsThatFit(rows: readonly DocumentRow[]): number {
  const length = rows.reduce((sum, { value }) => sum + value.length, 0)
  return Math.max(1, Math.min(MAX_PAGE, Math.floor((PAGE_LENGTH * rows.length) / Math.max(1, length))))
}
