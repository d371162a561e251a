import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { kvBackendSuite, vectorIndexSuite } from '../src/index.js'

kvBackendSuite('memory', async () => ({ kv: memoryKV() }))
vectorIndexSuite('memory', async () => ({ vectors: memoryIndex() }))
