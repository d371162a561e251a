import { expect, test } from 'vitest'
import { recallOfIndex } from '../../src/metrics/recall-of-index.js'

const exact = [0.9, 0.8, 0.7, 0.7].map((score, i) => ({ id: String(i), score }))

test('is the part of the nearest that was found', () => {
  expect(recallOfIndex(exact, exact)).toBe(1)
  expect(recallOfIndex([{ score: 0.9 }, { score: 0.7 }, { score: 0.6 }, { score: 0.5 }], exact)).toBe(0.5)
  expect(recallOfIndex([{ score: 0.9 }], exact)).toBe(0.25)
  expect(recallOfIndex([], exact)).toBe(0)
})

test('takes any of equally near documents, and rounding for what it is', () => {
  expect(recallOfIndex([{ score: 0.9 }, { score: 0.8 }, { score: 0.7 }, { score: 0.69999999 }], exact)).toBe(1)
})

test('is 1 where there is nothing to find', () => {
  expect(recallOfIndex([], [])).toBe(1)
})
