import { describe, expect, test } from 'vitest'
import { nativeTtl } from '../src/native-ttl.js'

describe('the native TTL', () => {
  test.each([1, 999, 1000, 1001, 5000, 59_999])(
    'of a document that expires in %i ms never ends before it, though the database counts from a cut-off second and by a clock that is ahead',
    (ttlMs) => {
      for (const written of [1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_500, 1_700_000_000_999]) {
        const expiresAt = written + ttlMs
        for (const aheadMs of [0, 400, 60_000]) {
          // A cell with a TTL is gone from the second on in which it was written, by the clock of the node, plus the
          // TTL.
          const goneAt = (Math.floor(written / 1000) + nativeTtl(expiresAt, written)) * 1000
          expect(Math.floor((expiresAt - 1 + aheadMs) / 1000) * 1000).toBeLessThan(goneAt)
        }
      }
    },
  )

  test('is 0, which is never, for what never expires', () => {
    expect(nativeTtl(undefined, Date.now())).toBe(0)
  })

  test('is never 0 for what has expired', () => {
    expect(nativeTtl(1, Date.now())).toBeGreaterThan(0)
  })
})
