import type { Namespace, Store } from '@tandemstore/core'
import type { Count, ListPage } from '../api-types.js'
import type { Endpoint } from './endpoint.js'

const PAGE = 100
/** Counting stops behind so many, unless it is asked to go on: all of them are read. */
const COUNTED = 10_000
const COUNTED_AT_ONCE = 1000

/** The namespaces directly under a prefix, page by page. */
export const namespaces: Endpoint = {
  takes: ['prefix', 'cursor'],
  async run({ store }, input, signal): Promise<ListPage<Namespace>> {
    const prefix = input.namespace('prefix')
    const cursor = input.optionalText('cursor')
    const page = await store.namespaces({ prefix, maxDepth: prefix.length + 1, limit: PAGE, cursor, signal })
    // A namespace is under itself, too.
    return { ...page, items: page.items.filter((each) => each.length > prefix.length) }
  },
}

/** How many documents there are under a prefix. */
export const count: Endpoint = {
  takes: ['prefix', 'all'],
  async run({ store }, input, signal): Promise<Count> {
    const prefix = input.namespace('prefix')
    if (input.flag('all')) return { documents: await store.count(prefix, { signal }), more: false }
    return countSome(store, prefix, signal)
  },
}

async function countSome(store: Store, prefix: Namespace, signal: AbortSignal): Promise<Count> {
  let documents = 0
  let cursor: string | undefined
  do {
    const page = await store.list(prefix, { limit: COUNTED_AT_ONCE, cursor, signal })
    documents += page.items.length
    cursor = page.cursor
  } while (cursor !== undefined && documents < COUNTED)
  return { documents, more: cursor !== undefined }
}
