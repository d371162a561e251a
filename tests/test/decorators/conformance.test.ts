import type { KVBackend, VectorIndex } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { kvBackendSuite, vectorIndexSuite } from '@tandemstore/testkit'
// Core cannot depend on the testkit, which depends on core, so its decorators are tested here.
import { Counters } from '../../../packages/core/src/observe/stats.ts'
import { reliableKV } from '../../../packages/core/src/resilience/reliable-kv.ts'
import { reliableSpace } from '../../../packages/core/src/resilience/reliable-space.ts'

/** Fewer than the suites send, so that the decorators have to cut. */
const MAX_BATCH = 7
const bulk = new Set(['get', 'put', 'delete', 'touch', 'addIntents', 'removeIntents'])

const neverEnds = new AbortController().signal

/** Refuses batches that are larger than what the decorators are told. */
function checkingSize<Port extends object>(port: Port): Port {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function' || !bulk.has(String(name))) return value
      return async (items: readonly unknown[], ...rest: unknown[]) => {
        if (items.length > MAX_BATCH) throw new Error(`${String(name)} got ${items.length} items`)
        return Reflect.apply(value, target, [items, ...rest])
      }
    },
  })
}

/** A backend as core uses it. What it declares is what the database itself would. */
function reliableBackend(kv: KVBackend, maxBatchSize = kv.limits.maxBatchSize): KVBackend {
  const declared = { limits: { ...kv.limits, maxBatchSize }, capabilities: kv.capabilities }
  return {
    ...kv,
    async open(collection, options) {
      const opened = await kv.open(collection, options)
      const inner = maxBatchSize === kv.limits.maxBatchSize ? opened : checkingSize(opened)
      return reliableKV(inner, declared, new Counters(collection), neverEnds)
    },
  }
}

function reliableIndex(vectors: VectorIndex): VectorIndex {
  return {
    ...vectors,
    async open(definition, options) {
      return reliableSpace(await vectors.open(definition, options), vectors, new Counters(definition.name), neverEnds)
    },
  }
}

const now = () => Date.now()
kvBackendSuite('as core uses it', async () => ({ kv: reliableBackend(memoryKV({ now })) }))
kvBackendSuite('as core uses it, in small batches', async () => ({ kv: reliableBackend(memoryKV({ now }), MAX_BATCH) }))
vectorIndexSuite('as core uses it', async () => ({ vectors: reliableIndex(memoryIndex()) }))
