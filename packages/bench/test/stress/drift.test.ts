import { expect, test } from 'vitest'
import { driftOf } from '../../src/stress/drift.js'

test('drift is every document that is out of step, damaged ones and those of other models too, and nothing else', () => {
  const inStep = { checked: 100, missing: 0, stale: 0, orphaned: 0, repaired: 9 }
  expect(driftOf(inStep)).toBe(0)
  expect(
    driftOf({ ...inStep, missing: 1, stale: 2, orphaned: 4, pending: 8, damaged: 16, orphanedElsewhere: 32 }),
  ).toBe(63)
})
