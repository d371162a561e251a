import type {
  GetOperation,
  ListNamespacesOperation,
  Operation,
  PutOperation,
  SearchOperation,
} from '@langchain/langgraph-checkpoint'
import { invalid } from '@tandemstore/core/adapter'
import { checkNamespace, checkPrefix } from './namespace.js'

/** Of an operation that stores an item, beyond LangGraph's contract. */
export interface PutExtras {
  /** Time to live, minutes. Default: the store's `ttl.defaultTtl`. */
  readonly ttl?: number | undefined
}

/** Of an operation that reads items, likewise. */
export interface ReadExtras {
  /** Whether the time to live of what is read starts anew. Default: the store's `ttl.refreshOnRead`. */
  readonly refreshTTL?: boolean | undefined
}

export type Put = PutOperation & PutExtras
export type Get = GetOperation & ReadExtras
export type Search = SearchOperation & ReadExtras

/** An operation, and its place in the batch. */
export type Planned =
  | { readonly kind: 'put'; readonly at: number; readonly operation: Put }
  | { readonly kind: 'get'; readonly at: number; readonly operation: Get }
  | { readonly kind: 'search'; readonly at: number; readonly operation: Search }
  | { readonly kind: 'namespaces'; readonly at: number; readonly operation: ListNamespacesOperation }

/**
 * Says what an operation is, and checks its namespaces, keys and numbers. @throws InvalidNamespaceError, StoreError
 * INVALID_ARGUMENT
 */
export function planOperation(operation: Operation, at: number): Planned {
  const field = `operations[${at}]`
  if (typeof operation !== 'object' || operation === null) throw invalid(field, 'an operation')
  if ('namespacePrefix' in operation) {
    checkPrefix(operation.namespacePrefix)
    checkCount(operation.limit, `${field}.limit`)
    checkCount(operation.offset, `${field}.offset`)
    return { kind: 'search', at, operation }
  }
  if ('key' in operation) {
    checkNamespace(operation.namespace)
    checkKey(operation.key, `${field}.key`)
    return 'value' in operation ? { kind: 'put', at, operation } : { kind: 'get', at, operation }
  }
  if ('matchConditions' in operation || 'limit' in operation) {
    checkCount(operation.limit, `${field}.limit`)
    checkCount(operation.offset, `${field}.offset`)
    if (operation.maxDepth !== undefined && !(Number.isSafeInteger(operation.maxDepth) && operation.maxDepth >= 1))
      throw invalid(`${field}.maxDepth`, 'a whole number of at least 1')
    for (const { matchType, path } of operation.matchConditions ?? []) {
      if (matchType !== 'prefix' && matchType !== 'suffix') throw invalid(`${field}.matchType`, 'prefix or suffix')
      checkPrefix(path)
    }
    return { kind: 'namespaces', at, operation }
  }
  throw invalid(field, 'an operation: get, put, search or list of namespaces')
}

function checkKey(key: unknown, field: string): void {
  const expected = 'a key of 1 to 1024 characters, well-formed Unicode without NUL'
  if (typeof key !== 'string' || key === '' || key.length > 1024 || key.includes('\0') || !key.isWellFormed())
    throw invalid(field, expected)
}

function checkCount(count: unknown, field: string): void {
  if (count === undefined || (Number.isSafeInteger(count) && (count as number) >= 0)) return
  throw invalid(field, 'a whole number of at least 0')
}
