import { encodeNamespace, refId } from '../document/namespace.js'
import type { DocumentRef, Namespace } from '../ports/common.js'
import type { DocumentRow } from '../ports/kv-records.js'
import { type CollectionData, hasExpired } from './kv-rows.js'

/*
 * The order of refIds is the order of documents, so that each question is a stretch of the sorted keys. U+0001 in the
 * place of a NUL that ends a text is the first key after everything which begins with that text.
 */

export function listRows(
  data: CollectionData,
  query: { readonly prefix: Namespace; readonly after?: DocumentRef | undefined; readonly limit: number },
): { rows: DocumentRow[]; next?: DocumentRef } {
  const prefix = encodeNamespace(query.prefix)
  const keys = data.order.all()
  let at = data.order.lowerBound(prefix)
  if (query.after !== undefined) {
    const after = refId(query.after)
    const behind = data.order.lowerBound(after)
    at = Math.max(at, keys[behind] === after ? behind + 1 : behind)
  }
  const rows: DocumentRow[] = []
  for (; at < keys.length; at += 1) {
    const id = keys[at] as string
    if (!id.startsWith(prefix)) break
    const last = rows.at(-1)
    if (rows.length === query.limit && last !== undefined) {
      return { rows, next: { namespace: last.namespace, key: last.key } }
    }
    rows.push(data.rows.get(id) as DocumentRow)
  }
  return { rows }
}

export function listNamespaces(
  data: CollectionData,
  query: {
    readonly prefix: Namespace
    readonly maxDepth?: number | undefined
    readonly after?: Namespace | undefined
    readonly limit: number
    readonly now: number
  },
): { namespaces: Namespace[]; next?: Namespace } {
  const prefix = encodeNamespace(query.prefix)
  const maxDepth = query.maxDepth ?? Number.POSITIVE_INFINITY
  const keys = data.order.all()
  let at = data.order.lowerBound(prefix)
  if (query.after !== undefined) at = Math.max(at, data.order.lowerBound(behind(query.after, maxDepth)))
  const namespaces: Namespace[] = []
  while (at < keys.length) {
    const id = keys[at] as string
    if (!id.startsWith(prefix)) break
    const row = data.rows.get(id) as DocumentRow
    if (hasExpired(row, query.now)) {
      at += 1
      continue
    }
    const last = namespaces.at(-1)
    if (namespaces.length === query.limit && last !== undefined) return { namespaces, next: last }
    const namespace = row.namespace.length > maxDepth ? row.namespace.slice(0, maxDepth) : row.namespace
    namespaces.push(namespace)
    at = data.order.lowerBound(behind(namespace, maxDepth))
  }
  return { namespaces }
}

/** The first key after those of a namespace and, where it stands for all that it begins, after theirs. */
function behind(namespace: Namespace, maxDepth: number): string {
  const encoded = encodeNamespace(namespace)
  return namespace.length >= maxDepth ? `${encoded.slice(0, -1)}\u0001` : `${encoded}\u0001`
}
