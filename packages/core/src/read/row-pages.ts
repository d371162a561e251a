import type { DocumentRef, Namespace } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { DocumentRow } from '../ports/kv-records.js'

const PAGE = 500

type RowPage = Awaited<ReturnType<KVCollection['list']>>

/** Every row under a prefix, expired ones too, page by page. The next page is read while one is worked on. */
export async function* rowPages(
  kv: KVCollection,
  prefix: Namespace,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly DocumentRow[], void, undefined> {
  const read = (after?: DocumentRef): Promise<RowPage> => {
    const page = kv.list({ prefix, after, limit: PAGE }, { signal })
    // It may fail before it is awaited below, or never be.
    page.catch(() => {})
    return page
  }
  let ahead: Promise<RowPage> | undefined = read()
  while (ahead !== undefined) {
    const page: RowPage = await ahead
    ahead = page.next === undefined ? undefined : read(page.next)
    yield page.rows
  }
}
