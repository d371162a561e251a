import type { EmbeddingCache } from '@tandemstore/core/adapter'
import { observe } from '../shared/calls.js'
import { describeChecks, type SuiteOptions } from '../shared/describe-checks.js'
import { cacheChecks, cacheContext } from './checks.js'

/**
 * Describes the conformance tests of an EmbeddingCache. `make` is called once, before the tests, and the cache has to
 * have room for 600 vectors (20 KB); `cleanup` is called after them. The cache is cleared.
 */
export function embeddingCacheSuite(
  name: string,
  make: () => Promise<{ readonly cache: EmbeddingCache; readonly cleanup?: () => Promise<void> | void }>,
  options: SuiteOptions = {},
): void {
  const open = async () => {
    const { cache, cleanup } = await make()
    const observed = observe(cache, 'EmbeddingCache')
    return { context: () => cacheContext(observed.port), observed, close: async () => cleanup?.() }
  }
  describeChecks(`EmbeddingCache: ${name}`, { caching: cacheChecks }, open, options)
}
