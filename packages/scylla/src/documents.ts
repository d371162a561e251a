import {
  type DocumentRef,
  type DocumentRow,
  type KVCollection,
  refId,
  StoreError,
  type WriteOutcome,
} from '@tandemstore/core/adapter'
import { type CellStore, newest } from './cells.js'
import type { WriteIf } from './conditional.js'
import { isNotWritten } from './errors.js'
import type { Registry } from './registry.js'
import { mapWindow } from './rolling-window.js'

/** Statements of one call that are under way at a time. */
const WINDOW = 64

/** Reads and writes of documents by their names. */
export function makeDocuments(
  cells: CellStore,
  writeIf: WriteIf,
  registry: Registry,
): Pick<KVCollection, 'get' | 'put' | 'delete' | 'touch'> {
  const get = async (ref: DocumentRef, signal: AbortSignal | undefined): Promise<DocumentRow | undefined> => {
    const options = { what: 'read a document', signal }
    const found = await cells.read(ref, options)
    if (found.claim === undefined) return newest(found)?.row
    // Settled by whoever reads it: its writer is at it, or has ended.
    return newest(await cells.settle(ref, found.claim.envelope, options))?.row
  }

  return {
    get: (refs, { signal } = {}) => mapWindow(refs, WINDOW, (ref) => get(ref, signal)),
    put: (writes, { signal } = {}) =>
      writeEach(
        writes,
        ({ row }) => row,
        async ({ row, condition }) => {
          try {
            await registry.register(row.namespace, signal)
          } catch (error) {
            // Whatever became of it, nothing of the document was sent.
            return failed(error, true)
          }
          if (condition !== undefined) return writeIf(row, { version: row.version, row }, condition, signal)
          await cells.put(row, { what: 'write a document', signal })
          return { status: 'written' }
        },
      ),
    delete: (deletes, { signal } = {}) =>
      writeEach(
        deletes,
        (each) => each,
        async ({ version, condition, ...ref }) => {
          if (condition !== undefined) return writeIf(ref, { version }, condition, signal)
          await cells.remove(ref, version, { what: 'delete a document', signal })
          return { status: 'written' }
        },
      ),
    touch: (touches, { signal } = {}) =>
      mapWindow(touches, WINDOW, async ({ version, expiresAt, ...ref }) => {
        const row = await get(ref, signal)
        if (row?.version !== version) return undefined
        if (row.expiresAt === undefined || row.expiresAt >= expiresAt) return row
        // At its own version: of two cells of one timestamp the one that lives longer stays.
        await cells.put({ ...row, expiresAt }, { what: 'move an expiry', signal })
        const now = await get(ref, signal)
        return now?.version === version ? now : undefined
      }),
  }
}

/** Writes of one document one after the other, of different ones at the same time; a failure is the outcome of that write alone. */
async function writeEach<Item>(
  items: readonly Item[],
  refOf: (item: Item) => DocumentRef,
  write: (item: Item) => Promise<WriteOutcome>,
): Promise<WriteOutcome[]> {
  const byDocument = new Map<string, number[]>()
  for (const [index, item] of items.entries()) {
    const id = refId(refOf(item))
    const indexes = byDocument.get(id)
    if (indexes === undefined) byDocument.set(id, [index])
    else indexes.push(index)
  }
  const outcomes = new Array<WriteOutcome>(items.length)
  await mapWindow([...byDocument.values()], WINDOW, async (indexes) => {
    for (const index of indexes) outcomes[index] = await settled(() => write(items[index] as Item))
  })
  return outcomes
}

async function settled(write: () => Promise<WriteOutcome>): Promise<WriteOutcome> {
  try {
    return await write()
  } catch (error) {
    return failed(error, isNotWritten(error))
  }
}

/** The outcome of one write; an abort ends the whole call. */
function failed(error: unknown, notWritten: boolean): WriteOutcome {
  if (StoreError.isInstance(error) && error.code === 'ABORTED') throw error
  return { status: 'failed', error, ...(notWritten ? { notWritten } : {}) }
}
