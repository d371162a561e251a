import { expect, test } from 'vitest'
import { fakeEmbedder } from '../src/index.js'

async function cosine(a: string, b: string): Promise<number> {
  const { vectors } = await fakeEmbedder().embed([a, b], { purpose: 'document' })
  const [x, y] = vectors as [Float32Array, Float32Array]
  return x.reduce((sum, each, i) => sum + each * (y[i] as number), 0)
}

test('texts that share words are nearer than texts that do not', async () => {
  const shared = await cosine('red boats in the harbour', 'the harbour is full of boats')
  const apart = await cosine('red boats in the harbour', 'quarterly revenue grew again')
  expect(shared).toBeGreaterThan(0.4)
  expect(shared).toBeGreaterThan(apart + 0.3)
  expect(await cosine('Boats!', 'boats')).toBeCloseTo(1, 5)
})

test('a text without words has a vector too', async () => {
  expect(await cosine('…', '…')).toBeCloseTo(1, 5)
  expect(Math.abs(await cosine('…', '!'))).toBeLessThan(0.9)
})

test('another model gives other vectors', async () => {
  const [a, b] = await Promise.all(
    ['one', 'two'].map((model) => fakeEmbedder({ model, dimensions: 8 }).embed(['boats'], { purpose: 'query' })),
  )
  expect(a?.vectors[0]).toHaveLength(8)
  expect(a?.vectors[0]).not.toEqual(b?.vectors[0])
})

test('calls are recorded', async () => {
  const embedder = fakeEmbedder()
  await embedder.embed(['a', 'b'], { purpose: 'query' })
  expect(embedder.calls).toEqual([{ texts: ['a', 'b'], purpose: 'query' }])
})
