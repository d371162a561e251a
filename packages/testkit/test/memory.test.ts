import { memoryKV } from '@tandemstore/core/memory'
import { kvBackendSuite } from '../src/index.js'

kvBackendSuite('memory', async () => ({ kv: memoryKV() }))
