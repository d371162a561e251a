import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatVersion, VersionClock } from '../../src/document/version.js'

const WRITER = 'aaaaaaaaaaaa'
const OTHER = 'bbbbbbbbbbbb'
/** Where the tests begin, milliseconds since the Unix epoch. */
const EPOCH = 1_800_000_000_000

type Step =
  | { readonly do: 'next' }
  /** `ms`: how far the other version is ahead of the wall clock. */
  | { readonly do: 'above' | 'witness'; readonly ms: number; readonly micros: number }
  | { readonly do: 'pass'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('next' as const) }),
  fc.record({
    do: fc.constantFrom('above' as const, 'witness' as const),
    ms: fc.oneof(fc.integer({ min: -3, max: 12 }), fc.integer({ min: 999, max: 1003 })),
    micros: fc.integer({ min: 995, max: 1000 }),
  }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.oneof(fc.integer({ min: -2, max: 6 }), fc.constant(990)) }),
)

describe('a version clock', () => {
  it('gives out no version twice, each above what it was given, and none below an earlier one of `next`', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now = EPOCH
        const clock = new VersionClock({ writer: WRITER, now: () => now, maxDriftMs: 1000 })
        const given = new Set<string>()
        let last = ''
        const give = (version: string): void => {
          expect(given.has(version)).toBe(false)
          given.add(version)
        }
        for (const each of steps) {
          if (each.do === 'pass') now += each.ms
          else if (each.do === 'next') {
            const version = clock.next()
            expect(version > last).toBe(true)
            last = version
            give(version)
          } else {
            const other = formatVersion((now + each.ms) * 1000 + each.micros, OTHER)
            if (each.do === 'above') {
              const version = clock.above(other)
              expect(version > other).toBe(true)
              give(version)
            } else {
              try {
                clock.witness(other)
              } catch {
                // Too far ahead.
              }
            }
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('is not drawn ahead by a version that is too far ahead', () => {
    const clock = new VersionClock({ writer: WRITER, now: () => EPOCH, maxDriftMs: 1000 })
    const far = formatVersion((EPOCH + 3_600_000) * 1000, OTHER)
    expect(clock.above(far) > far).toBe(true)
    expect(clock.next()).toBe(formatVersion(EPOCH * 1000, WRITER))
  })
})
