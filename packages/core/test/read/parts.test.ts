import { expect, test } from 'vitest'
import { createStore } from '../../src/index.js'
import { memoryIndex, memoryKV } from '../../src/memory/index.js'
import type { VectorIndex } from '../../src/ports/vector-index.js'

const embedder = {
  model: { provider: 'test', name: 'lengths' },
  dimensions: 2,
  embed: (texts: readonly string[]) => ({ vectors: texts.map((text) => Float32Array.of(text.length, 1)) }),
}

/** An index in memory that something happens to just before vectors are read. */
function indexWith(beforeVectors: () => Promise<void>): VectorIndex {
  const index = memoryIndex()
  return {
    ...index,
    async open(definition, options) {
      const space = await index.open(definition, options)
      return {
        ...space,
        async vectors(ids, own) {
          await beforeVectors()
          return space.vectors(ids, own)
        },
      }
    },
  }
}

async function openWith(beforeVectors: () => Promise<void>) {
  const store = await createStore({
    collection: 'parts',
    kv: memoryKV(),
    vectors: indexWith(() => beforeVectors()),
    embedder,
    index: { fields: ['text'], metric: 'dot' },
    sync: 'wait',
  })
  await store.put(['n'], 'k', { text: 'one' })
  return store
}

const refs = [{ namespace: ['n'], key: 'k' }]

test('a part has its text, state and vector', async () => {
  await using store = await openWith(async () => {})
  const [parts] = await store.parts(refs, { vectors: true })
  expect(parts).toMatchObject([
    { field: 'text', part: 0, text: 'one', state: 'current', vector: Float32Array.of(3, 1) },
  ])
  const [without] = await store.parts(refs)
  expect(without?.[0]).not.toHaveProperty('vector')
  expect(await store.parts([{ namespace: ['n'], key: 'none' }], { vectors: true })).toEqual([[]])
})

test('a text never has the vector of the one that takes its place meanwhile', async () => {
  let change = async () => {}
  await using store = await openWith(() => change())
  change = async () => {
    await store.put(['n'], 'k', { text: 'another text' })
  }
  const [parts] = await store.parts(refs, { vectors: true })
  expect(parts?.[0]).toMatchObject({ text: 'one' })
  expect(parts?.[0]).not.toHaveProperty('vector')
})
