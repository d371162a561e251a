import { fakeReranker, rerankerSuite } from '@tandemstore/testkit'
import { adapterName } from '../src/index.js'
import { startServer } from './server.js'

rerankerSuite('adapter-name', async () => {
  const fake = fakeReranker()
  const server = await startServer(async ({ query, texts }: { query: string; texts: string[] }) => ({
    scores: await fake.rerank(query, texts, {}),
  }))
  return { reranker: adapterName({ model: 'model-1', url: server.url }), cleanup: server.close }
})
