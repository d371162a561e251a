import type { Item, Operation } from '@langchain/langgraph-checkpoint'
import type { Store } from '@tandemstore/core'
import { invalid } from '@tandemstore/core/adapter'
import { toItem } from './item.js'
import { listNamespaces } from './list-namespaces.js'
import { type Get, type Planned, type Put, planOperation } from './operations.js'
import { type Settings, toMilliseconds } from './options.js'
import { search } from './search.js'
import type { UnsettledWrites } from './unsettled-writes.js'
import { normaliseValue } from './value.js'
import { type Write, writeAll } from './write.js'

/** A run of neighbouring operations that may go side by side: either all write or all read. */
type Run =
  | { readonly kind: 'write'; readonly writes: Write[] }
  | { readonly kind: 'read'; readonly reads: Exclude<Planned, { kind: 'put' }>[] }

/** Operations cut into runs, which are done one after the other: each operation sees what those before it did. */
export interface Plan {
  readonly runs: readonly Run[]
  readonly count: number
}

/** Checks all operations before the first is done. @throws InvalidNamespaceError, StoreError INVALID_ARGUMENT */
export function planBatch(operations: readonly Operation[], settings: Settings): Plan {
  if (!Array.isArray(operations)) throw invalid('operations', 'an array of operations')
  const runs: Run[] = []
  operations.forEach((operation: Operation, at) => {
    const planned = planOperation(operation, at)
    const run = runs.at(-1)
    if (planned.kind === 'put') {
      const write = toWrite(planned.operation, settings, `operations[${at}]`)
      if (run?.kind === 'write') run.writes.push(write)
      else runs.push({ kind: 'write', writes: [write] })
    } else {
      if (run?.kind === 'read') run.reads.push(planned)
      else runs.push({ kind: 'read', reads: [planned] })
    }
  })
  return { runs, count: operations.length }
}

function toWrite({ namespace, key, value, index, ttl }: Put, settings: Settings, field: string): Write {
  const ref = { namespace: [...namespace], key }
  if (value === null) return { ...ref, value }
  if (index !== undefined && index !== null && index !== false && !Array.isArray(index))
    throw invalid(`${field}.index`, 'false or a list of paths')
  const ttlMs = toMilliseconds(ttl, `${field}.ttl`) ?? settings.ttlMs
  return {
    ...ref,
    value: normaliseValue(value, `${field}.value`),
    ...(index === undefined || index === null ? {} : { index }),
    ...(ttlMs === undefined ? {} : { ttlMs }),
  }
}

/** Does the operations. Results are in their order; that of a put is undefined. */
export async function runBatch(
  store: Store,
  settings: Settings,
  { runs, count }: Plan,
  unsettled: UnsettledWrites,
): Promise<unknown[]> {
  const results: unknown[] = Array.from({ length: count }, () => undefined)
  for (const run of runs) {
    if (run.kind === 'read') await readAll(store, settings, run.reads, results, unsettled)
    else await unsettled.track(writeAll(store, run.writes, settings.waitInPut))
  }
  return results
}

async function readAll(
  store: Store,
  settings: Settings,
  reads: Extract<Run, { kind: 'read' }>['reads'],
  results: unknown[],
  unsettled: UnsettledWrites,
): Promise<void> {
  if (reads.some(({ kind, operation }) => kind === 'search' && operation.query)) await unsettled.settle()
  const gets = reads.filter((each) => each.kind === 'get')
  const ended = await Promise.allSettled([
    ...[true, false].map(async (refreshTtl) => {
      const some = gets.filter(({ operation }) => (operation.refreshTTL ?? settings.refreshOnRead) === refreshTtl)
      const items = await getAll(
        store,
        some.map(({ operation }) => operation),
        refreshTtl,
      )
      some.forEach(({ at }, i) => {
        results[at] = items[i]
      })
    }),
    ...reads.map(async (read) => {
      if (read.kind === 'search') results[read.at] = await search(store, settings, read.operation)
      if (read.kind === 'namespaces') results[read.at] = await listNamespaces(store, read.operation)
    }),
  ])
  for (const each of ended) if (each.status === 'rejected') throw each.reason
}

async function getAll(store: Store, gets: readonly Get[], refreshTtl: boolean): Promise<(Item | null)[]> {
  if (gets.length === 0) return []
  const refs = gets.map(({ namespace, key }) => ({ namespace, key }))
  const documents = await store.getMany(refs, { refreshTtl })
  return documents.map((document) => (document === undefined ? null : toItem(document)))
}
