import type { ListNamespacesOperation, MatchCondition } from '@langchain/langgraph-checkpoint'
import type { Store } from '@tandemstore/core'

const PAGE = 1000

/** The namespaces that hold items, in order, cut to `maxDepth` and each given once. */
export async function listNamespaces(store: Store, operation: ListNamespacesOperation): Promise<string[][]> {
  const { matchConditions = [], maxDepth, limit = 100, offset = 0 } = operation
  const prefix = knownPrefix(matchConditions)
  const found: string[][] = []
  let cursor: string | undefined
  do {
    const page = await store.namespaces({ prefix, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) })
    for (const namespace of page.items) {
      if (!matchConditions.every((condition) => matches(namespace, condition))) continue
      const cut = namespace.slice(0, maxDepth)
      // They come in order, so that equal ones are neighbours.
      if (!isEqual(found.at(-1), cut)) found.push(cut)
    }
    cursor = page.cursor
  } while (cursor !== undefined && found.length <= offset + limit)
  return found.slice(offset, offset + limit)
}

/** The labels before the first wildcard of the longest prefix. */
function knownPrefix(conditions: readonly MatchCondition[]): string[] {
  const prefixes = conditions
    .filter(({ matchType }) => matchType === 'prefix')
    .map(({ path }) => (path.includes('*') ? path.slice(0, path.indexOf('*')) : path))
  return prefixes.reduce((longest, each) => (each.length > longest.length ? each : longest), [])
}

function matches(namespace: readonly string[], { matchType, path }: MatchCondition): boolean {
  const from = matchType === 'prefix' ? 0 : namespace.length - path.length
  return path.length <= namespace.length && path.every((label, i) => label === '*' || label === namespace[from + i])
}

function isEqual(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((label, i) => label === b[i])
}
