import { join } from 'node:path'
import { createStore } from '@tandemstore/core'
import type { DocumentPoints, Intent, KVBackend, PutRow, VectorIndex } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import { type BareWriter, bareWriter, documentRows } from './bare.ts'
import { medians, type Time, time } from './measure.ts'
import { instantEmbedder, makeDocument } from './store-parts.ts'

const DIMENSIONS = 384
const DOCUMENT_BYTES = 1000
const WARM_UP = 2

/** A transaction as the store had it made, and what prepares it. */
type Transaction = () => (bare: BareWriter) => void

/**
 * Compares putMany, until all is searchable, with bare statements that write the same rows in the same transactions,
 * in turns: what the store writes is recorded. Both fill a file of their own, round after round. The first rounds
 * warm up.
 */
export async function compareWriting(
  directory: string,
  documents: number,
  rounds: number,
): Promise<{ readonly store: Time; readonly bare: Time; readonly batch: number }> {
  const recorded: Transaction[] = []
  const store = await createStore({
    collection: 'bench',
    ...recording(sqlite({ path: join(directory, 'store.db') }), recorded),
    embedder: instantEmbedder(DIMENSIONS),
    index: { fields: ['text'] },
  })
  const bare = await bareWriter(join(directory, 'bare.db'), DIMENSIONS)
  const storeTimes: Time[] = []
  const bareTimes: Time[] = []
  let transactions = 0
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const texts = Array.from({ length: documents }, (_, i) => makeDocument(round * documents + i, DOCUMENT_BYTES))
    recorded.length = 0
    globalThis.gc?.()
    const storeTime = await time(async () => {
      const { indexed } = await store.putMany(texts)
      if ((await indexed) !== documents) throw new Error('Not every document is searchable')
    })
    const prepared = recorded.map((transaction) => transaction())
    globalThis.gc?.()
    const bareTime = await time(() => {
      for (const transaction of prepared) transaction(bare)
    })
    if (round < 0) continue
    storeTimes.push(storeTime)
    bareTimes.push(bareTime)
    transactions += prepared.length
  }
  bare.close()
  await store.close()
  // Each document goes through four transactions.
  const batch = (documents * rounds * 4) / transactions
  return { store: medians(storeTimes), bare: medians(bareTimes), batch }
}

/** Backends that note what they are given to write. */
function recording(
  { kv, vectors }: { readonly kv: KVBackend; readonly vectors: VectorIndex },
  transactions: Transaction[],
): { readonly kv: KVBackend; readonly vectors: VectorIndex } {
  return {
    kv: {
      ...kv,
      open: async (...args) => {
        const collection = await kv.open(...args)
        return {
          ...collection,
          addIntents: (intents: readonly Intent[], options) => {
            transactions.push(() => (bare) => bare.addIntents(intents))
            return collection.addIntents(intents, options)
          },
          put: (writes: readonly PutRow[], options) => {
            transactions.push(() => (bare) => bare.put(writes))
            return collection.put(writes, options)
          },
          removeIntents: (intents: readonly Intent[], options) => {
            transactions.push(() => (bare) => bare.removeIntents(intents))
            return collection.removeIntents(intents, options)
          },
        }
      },
    },
    vectors: {
      ...vectors,
      open: async (...args) => {
        const space = await vectors.open(...args)
        return {
          ...space,
          replace: (documents: readonly DocumentPoints[], options) => {
            transactions.push(() => {
              const rows = documentRows(documents)
              return (bare) => bare.addPoints(rows)
            })
            return space.replace(documents, options)
          },
        }
      },
    },
  }
}
