import type { Incoming, Unreadable } from './incoming.js'

/** What is read at a time: bounded by documents and by their size. */
export interface Batch {
  readonly documents: Incoming[]
  readonly unreadable: Unreadable[]
  /** The position of the last one. */
  last: number
}

const MAX_DOCUMENTS = 500
const MAX_SIZE = 8_000_000

export async function* inBatches(items: AsyncIterable<Incoming | Unreadable>): AsyncGenerator<Batch> {
  let batch: Batch = { documents: [], unreadable: [], last: 0 }
  let size = 0
  for await (const item of items) {
    if ('document' in item) {
      batch.documents.push(item)
      size += item.size
    } else batch.unreadable.push(item)
    batch.last = item.position
    if (batch.documents.length + batch.unreadable.length < MAX_DOCUMENTS && size < MAX_SIZE) continue
    yield batch
    batch = { documents: [], unreadable: [], last: 0 }
    size = 0
  }
  if (batch.last > 0) yield batch
}
