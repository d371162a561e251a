import type { BaseStore, PutOperation } from '@langchain/langgraph-checkpoint'
import { invalid, StoreError } from '@tandemstore/core/adapter'

/** How far a copy has come in one namespace. */
export interface CopyPosition {
  readonly namespace: readonly string[]
  /** Items of the source's listing that are done; a listing also holds those of namespaces below. */
  readonly offset: number
  /** Whether all of them are. */
  readonly isDone: boolean
}

export interface CopyProgress {
  /** Namespaces done, those of earlier runs included. */
  readonly namespaces: number
  /** Items written by this run. */
  readonly items: number
}

export interface CopyOptions {
  /** Items read and written at a time. Default: 1,000. */
  readonly pageSize?: number | undefined
  /** Where an earlier run came to. Default: from the beginning. */
  readonly from?: readonly CopyPosition[] | undefined
  /** Called when items are written, before the next are read: what it keeps is where another run can go on. */
  readonly onPosition?: ((position: CopyPosition) => void | Promise<void>) | undefined
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
  /** Ends the copy after what is being written. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Copies every item of a store of LangGraph into another by `listNamespaces`, `search` and `batch`. What is there
 * already is overwritten, so it can be done again. The source should rest: it is read by offset. Times of creation,
 * times to live and `index` of a put are not told by a store, so they are not copied.
 *
 * @throws StoreError CONFLICT where the source gives an item twice, so that it may have left out another; ABORTED.
 * And what the stores throw.
 */
export async function copyStore(
  source: BaseStore,
  target: BaseStore,
  options: CopyOptions = {},
): Promise<CopyProgress> {
  const { pageSize = 1000, onProgress, signal } = options
  if (!(Number.isSafeInteger(pageSize) && pageSize >= 1)) throw invalid('pageSize', 'a whole number of at least 1')
  const known = new Map(options.from?.map((position) => [JSON.stringify(position.namespace), position]))
  let [namespaces, items] = [0, 0]
  for await (const namespace of namespacesOf(source, pageSize)) {
    const start = known.get(JSON.stringify(namespace))
    if (start?.isDone !== true) {
      for await (const { written, position } of copyNamespace(
        source,
        target,
        namespace,
        start?.offset ?? 0,
        pageSize,
      )) {
        items += written
        await options.onPosition?.(position)
        if (position.isDone) namespaces += 1
        onProgress?.({ namespaces, items })
        if (signal?.aborted) throw new StoreError('ABORTED', 'The copy was ended', { cause: signal.reason })
      }
    } else namespaces += 1
  }
  return { namespaces, items }
}

async function* namespacesOf(source: BaseStore, limit: number): AsyncGenerator<string[]> {
  for (let offset = 0; ; offset += limit) {
    const page = await source.listNamespaces({ limit, offset })
    yield* page
    if (page.length < limit) return
  }
}

async function* copyNamespace(
  source: BaseStore,
  target: BaseStore,
  namespace: string[],
  start: number,
  limit: number,
): AsyncGenerator<{ readonly written: number; readonly position: CopyPosition }> {
  const name = JSON.stringify(namespace)
  const seen = new Set<string>()
  for (let offset = start, isDone = false; !isDone; ) {
    const page = await source.search(namespace, { limit, offset })
    // Others are below, or beside it: some stores match the beginning of a text.
    const own = page.filter((item) => JSON.stringify(item.namespace) === name)
    for (const { key } of own) {
      if (seen.has(key))
        throw new StoreError(
          'CONFLICT',
          `The source gave ${JSON.stringify(key)} of ${name} twice: it is being changed, or has no fixed order. Let it rest, or read more items at a time than it has.`,
          { namespace, key },
        )
      seen.add(key)
    }
    const puts: PutOperation[] = own.map(({ key, value }) => ({ namespace, key, value }))
    if (puts.length > 0) await target.batch(puts)
    offset += page.length
    isDone = page.length < limit
    yield { written: own.length, position: { namespace, offset, isDone } }
  }
}
