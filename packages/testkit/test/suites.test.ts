import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import {
  embedderSuite,
  embeddingCacheSuite,
  fakeEmbedder,
  fakeReranker,
  kvBackendSuite,
  rerankerSuite,
  script,
  vectorIndexSuite,
} from '../src/index.js'
import { mapCache } from './map-cache.js'

kvBackendSuite('memory', async () => ({ kv: memoryKV() }))
kvBackendSuite('memory with a script around it', async () => ({ kv: script(memoryKV()).port }))

vectorIndexSuite('memory', async () => ({ vectors: memoryIndex() }))
vectorIndexSuite('memory with a script around it', async () => ({ vectors: script(memoryIndex()).port }))

embedderSuite('fake', async () => ({ embedder: fakeEmbedder() }))
embedderSuite('fake with a script around it', async () => ({ embedder: script(fakeEmbedder()).port }))

rerankerSuite('fake', async () => ({ reranker: fakeReranker() }))
rerankerSuite('fake with a script around it', async () => ({ reranker: script(fakeReranker()).port }))

embeddingCacheSuite('map', async () => ({ cache: mapCache() }))
embeddingCacheSuite('map with a script around it', async () => ({ cache: script(mapCache()).port }))
