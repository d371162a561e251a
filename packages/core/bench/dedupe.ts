import { createStore } from '@tandemstore/core'
import type { EmbeddingCache } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import type { Measurement } from './measure.ts'
import { remoteEmbedder } from './remote-embedder.ts'

const PUTS = 1000
const DISTINCT = 10

/** How many texts are embedded for 1,000 concurrent puts of 10 distinct texts, and for the same again. */
export async function measureDedupe(): Promise<Measurement[]> {
  let embedded = 0
  const remote = remoteEmbedder(7)
  const embedder: typeof remote = {
    ...remote,
    embed: (texts, options) => {
      embedded += texts.length
      return remote.embed(texts, options)
    },
  }
  const kept = new Map<string, Float32Array>()
  const cache: EmbeddingCache = {
    name: 'bench',
    getMany: (keys) => keys.map((key) => kept.get(key)),
    setMany: (entries) => {
      for (const [key, vector] of entries) kept.set(key, vector)
    },
    clear: () => kept.clear(),
    size: () => ({ entries: kept.size }),
  }
  const store = await createStore({
    collection: 'bench',
    kv: memoryKV(),
    vectors: memoryIndex(),
    embedder,
    cache,
    index: { fields: ['text'] },
  })
  const putAll = async (round: string): Promise<number> => {
    const before = embedded
    await Promise.all(
      Array.from({ length: PUTS }, (_, i) => store.put(['bench', round], `key-${i}`, { text: `text ${i % DISTINCT}` })),
    )
    await store.flush()
    return embedded - before
  }
  const first = await putAll('first')
  const second = await putAll('second')
  await store.close()
  return [
    {
      name: `${PUTS} puts of ${DISTINCT} texts`,
      tandem: first,
      bare: DISTINCT,
      unit: 'texts embedded',
      ratio: first / DISTINCT,
      promise: `= ${DISTINCT}`,
      kept: first === DISTINCT,
    },
    {
      name: 'the same again',
      tandem: second,
      bare: 0,
      unit: 'texts embedded',
      ratio: 0,
      promise: '= 0',
      kept: second === 0,
    },
  ]
}
