// A configuration that writes to stdout, as libraries do.
import type { Embedder } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fakeEmbedder } from '@tandemstore/testkit'

process.stdout.write('loading the configuration\n')

const embedder = fakeEmbedder()
const noisy: Embedder = {
  model: embedder.model,
  dimensions: embedder.dimensions,
  limits: embedder.limits,
  async embed(texts, options) {
    process.stdout.write(`embedding ${texts.length}\n`)
    // biome-ignore lint/suspicious/noConsole: that is the noise
    console.log('embedding', texts.length)
    return await embedder.embed(texts, options)
  },
}

export default async () => ({
  collection: 'noisy',
  kv: memoryKV(),
  vectors: memoryIndex(),
  embedder: noisy,
  index: { fields: ['body'] },
})

export const namespace = ['from', 'config']
export const fields = { text: 'body' }
