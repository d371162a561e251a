import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Observed } from './calls.js'
import type { Check } from './check.js'

export interface SuiteOptions {
  /** Milliseconds that one test may take. Default 30,000. */
  readonly testTimeout?: number | undefined
  /** Milliseconds that making and cleaning up may take. Default 120,000. */
  readonly hookTimeout?: number | undefined
}

/** What a suite's checks run on: a context for each check, and what is to be done after the last. */
export interface Opened<Context> {
  context(): Context
  /** What the checks call. */
  readonly observed: Omit<Observed<unknown>, 'port'>
  close(): Promise<void>
}

/**
 * Runs one check. Its error begins with the method that was called last: an expectation by itself tells of values
 * only.
 */
export async function runCheck<Context>(
  run: Check<Context>['run'],
  { context, observed }: Pick<Opened<Context>, 'context' | 'observed'>,
): Promise<void> {
  observed.start()
  try {
    await run(context())
  } catch (error) {
    const calls = observed.describe()
    if (calls !== undefined && error instanceof Error) error.message = `${calls}: ${error.message}`
    throw error
  }
}

/** Makes a vitest test of each check. `open` runs once, before the first. */
export function describeChecks<Context>(
  title: string,
  checks: Readonly<Record<string, readonly Check<Context>[]>>,
  open: () => Promise<Opened<Context>>,
  { testTimeout = 30_000, hookTimeout = 120_000 }: SuiteOptions,
): void {
  describe(title, () => {
    let opened: Opened<Context> | undefined
    beforeAll(async () => {
      opened = await open()
    }, hookTimeout)
    afterAll(async () => {
      await opened?.close()
    }, hookTimeout)
    for (const [topic, ofTopic] of Object.entries(checks)) {
      describe(topic, () => {
        for (const { name, run } of ofTopic) {
          test(name, { timeout: testTimeout }, async () => {
            if (opened === undefined) throw new Error('The adapter was not made')
            await runCheck(run, opened)
          })
        }
      })
    }
  })
}
