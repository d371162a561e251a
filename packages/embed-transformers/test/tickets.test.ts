import { createStore } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { transformers } from '@tandemstore/embed-transformers'
import { describe, expect, it } from 'vitest'
import { hasModel, modelName, modelsFolder, skipped } from './models-folder.js'

if (!hasModel) console.warn(skipped)

/** Tickets that differ by their number alone: vectors hardly tell them apart. */
const numbers = Array.from({ length: 40 }, (_, i) => 1000 + i)

describe.skipIf(!hasModel)('forty similar tickets', () => {
  it('are each found by their number in a hybrid search', async () => {
    await using embedder = transformers({ model: modelName, localModelPath: modelsFolder, threads: 1 })
    await using store = await createStore({
      collection: 'tickets',
      kv: memoryKV(),
      vectors: memoryIndex(),
      embedder,
      index: { fields: ['title'], keywords: true },
    })
    const tickets = numbers.map((number) => ({
      namespace: ['tickets'],
      key: `${number}`,
      value: { title: `The export to CSV stops with error ERR_${number}` },
    }))
    await store.putMany(tickets, { sync: 'wait' })
    const first = async (mode: 'hybrid' | 'vector'): Promise<string[]> => {
      const keys: string[] = []
      for (const number of numbers) {
        const [hit] = await store.search(['tickets'], { query: `ERR_${number}`, mode })
        keys.push(hit?.document.key ?? '')
      }
      return keys
    }
    expect(await first('hybrid')).toEqual(numbers.map(String))
    const byMeaning = await first('vector')
    expect(byMeaning).not.toEqual(numbers.map(String))
  }, 60_000)
})
