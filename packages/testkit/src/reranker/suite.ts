import type { Reranker } from '@tandemstore/core/adapter'
import { observe } from '../shared/calls.js'
import { describeChecks, type SuiteOptions } from '../shared/describe-checks.js'
import { rerankerChecks } from './checks.js'

/**
 * Describes the conformance tests of a Reranker. `make` is called once, before the tests; `cleanup` after them. About
 * forty calls are made, one of them with `limits.maxInputs` short texts. The reranker has to know that "The harbour was
 * full of boats." answers "boats in the harbour" better than a text about revenue.
 */
export function rerankerSuite(
  name: string,
  make: () => Promise<{ readonly reranker: Reranker; readonly cleanup?: () => Promise<void> | void }>,
  options: SuiteOptions = {},
): void {
  const open = async () => {
    const { reranker, cleanup } = await make()
    const observed = observe(reranker, 'Reranker')
    return { context: () => ({ reranker: observed.port }), observed, close: async () => cleanup?.() }
  }
  describeChecks(`Reranker: ${name}`, { reranking: rerankerChecks }, open, options)
}
