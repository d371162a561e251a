import type { VectorIndex } from '@tandemstore/core/adapter'
import { observe } from '../shared/calls.js'
import type { Check } from '../shared/check.js'
import { describeChecks, type Opened, type SuiteOptions } from '../shared/describe-checks.js'
import { openIndex, type VectorContext } from './context.js'
import { deletingChecks } from './deleting.js'
import { filteringChecks } from './filtering.js'
import { guardChecks } from './guards.js'
import { queryingChecks } from './querying.js'
import { replacingChecks } from './replacing.js'
import { scanningChecks } from './scanning.js'
import { scoringChecks } from './scoring.js'
import { spaceChecks } from './spaces.js'
import { termChecks } from './terms.js'

/** By topic, every check of the port. */
export const vectorChecks: Readonly<Record<string, readonly Check<VectorContext>[]>> = {
  replacing: replacingChecks,
  guards: guardChecks,
  querying: queryingChecks,
  scoring: scoringChecks,
  filtering: filteringChecks,
  deleting: deletingChecks,
  scanning: scanningChecks,
  spaces: spaceChecks,
  terms: termChecks,
}

/**
 * Describes the conformance tests of a VectorIndex. `make` is called once, before the tests; the tests open about a
 * dozen spaces with names of their own (`s_` and ten hexadecimal digits) and drop them; `cleanup` is called after
 * that.
 */
export function vectorIndexSuite(
  name: string,
  make: () => Promise<{ readonly vectors: VectorIndex; readonly cleanup?: () => Promise<void> | void }>,
  options: SuiteOptions = {},
): void {
  const open = async (): Promise<Opened<VectorContext>> => {
    const made = await make()
    const observed = observe(made.vectors, 'VectorIndex', 'VectorSpace')
    const { context, close } = await openIndex(observed.port)
    return {
      context,
      observed,
      async close() {
        try {
          await close()
        } finally {
          await made.cleanup?.()
        }
      },
    }
  }
  describeChecks(`VectorIndex: ${name}`, vectorChecks, open, options)
}
