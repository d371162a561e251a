import type { DocumentRow, KVBackend, KVCollection } from '@tandemstore/core/adapter'
import { memoryKV } from '@tandemstore/core/memory'

export const highest = '9999999999999999-ffffffffffff'

/** A memory KV, some of whose methods are replaced. */
export function brokenKV(breakIt: (good: KVCollection) => Partial<KVCollection>): KVBackend {
  const kv = memoryKV()
  return {
    ...kv,
    async open(collection, options) {
      const good = await kv.open(collection, options)
      return { ...good, ...breakIt(good) }
    },
  }
}

/** Every row, by one call: the broken adapters page by themselves. */
export async function allRows(good: KVCollection): Promise<DocumentRow[]> {
  return (await good.list({ prefix: [], limit: 1_000_000 })).rows
}

export function changeRows(change: (row: DocumentRow) => DocumentRow): KVBackend {
  return brokenKV((good) => ({
    put: (writes, options) =>
      good.put(
        writes.map((write) => ({ ...write, row: change(write.row) })),
        options,
      ),
  }))
}
