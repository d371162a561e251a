import { embedderSuite, fakeEmbedder } from '@tandemstore/testkit'
import { adapterName } from '../src/index.js'
import { startServer } from './server.js'

embedderSuite('adapter-name', async () => {
  const fake = fakeEmbedder()
  const server = await startServer(async ({ texts }: { texts: string[] }) => {
    const { vectors, tokens } = await fake.embed(texts, { purpose: 'document' })
    return { vectors: vectors.map((vector) => Array.from(vector)), tokens }
  })
  return { embedder: adapterName({ model: 'model-1', url: server.url }), cleanup: server.close }
})
