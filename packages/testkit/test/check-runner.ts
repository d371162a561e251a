import { expect } from 'vitest'
import type { Check } from '../src/shared/check.js'

/**
 * Runs one check of a suite on an adapter that is broken on purpose, and expects the check to say so: by an assertion, not by an
 * accident in the broken adapter.
 */
export async function expectCaught<Context>(
  checks: Readonly<Record<string, readonly Check<Context>[]>>,
  name: string,
  context: Context,
): Promise<void> {
  const check = Object.values(checks)
    .flat()
    .find((each) => each.name === name)
  if (check === undefined) throw new Error(`No check is called: ${name}`)
  const error = await check.run(context).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error, `passed, though it should not: ${name}`).toBeInstanceOf(Error)
  // fast-check reports an assertion inside an error of its own.
  expect(`${(error as Error).name}: ${(error as Error).message}`).toContain('AssertionError')
}
