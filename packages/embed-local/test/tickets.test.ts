import { createStore } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { local } from '@tandemstore/embed-local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Tickets that differ by their number alone: vectors hardly tell them apart. */
const numbers = Array.from({ length: 40 }, (_, i) => 1000 + i)

describe('forty similar tickets', () => {
  const open = () =>
    createStore({
      collection: 'tickets',
      kv: memoryKV(),
      vectors: memoryIndex(),
      embedder: local(),
      index: { fields: ['title'], keywords: true },
    })
  let store: Awaited<ReturnType<typeof open>>

  beforeAll(async () => {
    store = await open()
    const tickets = numbers.map((number) => ({
      namespace: ['tickets'],
      key: `${number}`,
      value: { title: `The export to CSV stops with error ERR_${number}` },
    }))
    await store.putMany(tickets, { sync: 'wait' })
  })
  afterAll(async () => {
    await store.close()
  })

  it.each(['hybrid', 'keyword'] as const)('are each found by their number, mode %s', async (mode) => {
    const first = await Promise.all(
      numbers.map(
        async (number) => (await store.search(['tickets'], { query: `ERR_${number}`, mode }))[0]?.document.key,
      ),
    )
    expect(first).toEqual(numbers.map(String))
  })
})
