import { embeddingCacheSuite } from '@tandemstore/testkit'
import { lruCache } from '../src/index.js'

embeddingCacheSuite('lru, by entries', async () => ({ cache: lruCache({ maxEntries: 1000 }) }))
embeddingCacheSuite('lru, by bytes', async () => ({ cache: lruCache({ maxBytes: 1_000_000 }) }))
