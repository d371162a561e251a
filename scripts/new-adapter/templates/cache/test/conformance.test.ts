import { embeddingCacheSuite } from '@tandemstore/testkit'
import { adapterNameCache } from '../src/index.js'
import { memoryClient } from './memory-client.js'

embeddingCacheSuite('adapter-name', async () => ({ cache: adapterNameCache({ client: memoryClient() }) }))
