import { createStore, type Store } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { type Measurement, measurement, median, timed } from './measure.ts'
import { bareWindow, remoteEmbedder } from './remote-embedder.ts'

const DOCUMENTS = 20_000

const documents = Array.from({ length: DOCUMENTS }, (_, i) => ({
  namespace: ['bench', String(i % 10)],
  key: `document-${i}`,
  value: { text: `The text of document ${i}, which is unlike that of any other.` },
}))

/** How documents may come. Each resolves when all are searchable. */
const arrivals: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  putMany: async (store) => {
    const { indexed } = await store.putMany(documents)
    await indexed
  },
  'concurrent put()': async (store) => {
    await Promise.all(documents.map(({ namespace, key, value }) => store.put(namespace, key, value)))
    await store.flush()
  },
  'awaited put() one by one': async (store) => {
    for (const { namespace, key, value } of documents) await store.put(namespace, key, value)
    await store.flush()
  },
}

/** Throughput with an embedder that takes its time, against nothing but its calls. */
export async function measureThroughput(rounds: number): Promise<Measurement[]> {
  const bare: number[] = []
  const tandem = new Map<string, number[]>(Object.keys(arrivals).map((name) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    const seed = 1000 + round
    bare.push(DOCUMENTS / ((await timed(() => bareWindow(DOCUMENTS, seed))) / 1000))
    for (const [name, arrive] of Object.entries(arrivals)) {
      const store = await createStore({
        collection: 'bench',
        kv: memoryKV(),
        vectors: memoryIndex(),
        embedder: remoteEmbedder(seed),
        index: { fields: ['text'] },
      })
      tandem.get(name)?.push(DOCUMENTS / ((await timed(() => arrive(store))) / 1000))
      await store.close()
    }
  }
  return [...tandem].map(([name, values]) =>
    measurement(`remote embedder: ${name}`, { tandem: median(values), bare: median(bare) }, 'documents/s', {
      atLeast: 0.93,
    }),
  )
}
