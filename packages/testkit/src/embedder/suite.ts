import type { Embedder } from '@tandemstore/core/adapter'
import { observe } from '../shared/calls.js'
import { describeChecks, type SuiteOptions } from '../shared/describe-checks.js'
import { embedderChecks } from './checks.js'

/**
 * Describes the conformance tests of an Embedder. `make` is called once, before the tests; `cleanup` after them.
 * About forty calls are made, one of them with `limits.maxInputs` short texts.
 */
export function embedderSuite(
  name: string,
  make: () => Promise<{ readonly embedder: Embedder; readonly cleanup?: () => Promise<void> | void }>,
  options: SuiteOptions = {},
): void {
  const open = async () => {
    const { embedder, cleanup } = await make()
    const observed = observe(embedder, 'Embedder')
    return { context: () => ({ embedder: observed.port }), observed, close: async () => cleanup?.() }
  }
  describeChecks(`Embedder: ${name}`, { embedding: embedderChecks }, open, options)
}
