import type { ListNamespacesOperation } from '@langchain/langgraph-checkpoint'
import type { Store } from '@tandemstore/core'

/** As many as a Tandem store gives at a time. */
const MAX_PAGE = 1000

/** The namespaces that hold items, in order, cut to `maxDepth` and each given once. */
export async function listNamespaces(store: Store, operation: ListNamespacesOperation): Promise<string[][]> {
  const { matchConditions = [], maxDepth, limit = 100, offset = 0 } = operation
  const query = { match: matchConditions.map(({ matchType, path }) => ({ [matchType]: path })), maxDepth }
  const found: string[][] = []
  let cursor: string | undefined
  while (found.length < limit) {
    const place = cursor === undefined ? { offset } : { cursor }
    const page = await store.namespaces({ ...query, ...place, limit: Math.min(limit - found.length, MAX_PAGE) })
    found.push(...page.items.map((namespace) => [...namespace]))
    cursor = page.cursor
    if (cursor === undefined) break
  }
  return found
}
