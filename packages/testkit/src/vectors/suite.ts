import type { VectorIndex } from '@tandemstore/core/adapter'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Check } from '../shared/check.js'
import { type SuiteOptions, times } from '../shared/suite-options.js'
import { openIndex, type VectorContext } from './context.js'
import { deletingChecks } from './deleting.js'
import { filteringChecks } from './filtering.js'
import { guardChecks } from './guards.js'
import { queryingChecks } from './querying.js'
import { replacingChecks } from './replacing.js'
import { scanningChecks } from './scanning.js'
import { scoringChecks } from './scoring.js'
import { spaceChecks } from './spaces.js'

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
}

/**
 * Describes the conformance tests of a VectorIndex. `make` is called once, before the tests; the tests open about a dozen spaces with
 * names of their own (`s_` and ten hexadecimal digits) and drop them; `cleanup` is called after that.
 */
export function vectorIndexSuite(
  name: string,
  make: () => Promise<{ readonly vectors: VectorIndex; readonly cleanup?: () => Promise<void> | void }>,
  options: SuiteOptions = {},
): void {
  const { testTimeout, hookTimeout } = times(options)
  describe(`VectorIndex: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof openIndex>> | undefined
    let cleanup: (() => Promise<void> | void) | undefined
    beforeAll(async () => {
      const made = await make()
      cleanup = made.cleanup
      opened = await openIndex(made.vectors)
    }, hookTimeout)
    afterAll(async () => {
      try {
        await opened?.close()
      } finally {
        await cleanup?.()
      }
    }, hookTimeout)
    for (const [topic, checks] of Object.entries(vectorChecks)) {
      describe(topic, () => {
        for (const { name, run } of checks) {
          test(name, { timeout: testTimeout }, async () => {
            if (opened === undefined) throw new Error('The space was not opened')
            await run(opened.context())
          })
        }
      })
    }
  })
}
