import type { ScoredHit } from '@tandemstore/core'
import { expect, it } from 'vitest'
import { withoutOtherVersions } from '../src/ask.ts'
import type { SectionValue } from '../src/collect.ts'

const hit = (namespace: string[], file: string, heading: string) =>
  ({ document: { namespace, value: { source: '', file, heading, text: '' } } }) as unknown as ScoredHit<SectionValue>

it('shows what several versions of a package say once, as the best of them says it', () => {
  const best = hit(['undici', '8.0.0'], 'docs/docs/mocking.md', 'Mocking')
  const older = hit(['undici', '7.0.0'], 'docs/mocking.md', 'Mocking')
  const otherHeading = hit(['undici', '7.0.0'], 'docs/mocking.md', 'More')
  const otherPackage = hit(['msw', '7.0.0'], 'docs/mocking.md', 'Mocking')
  const nextPart = hit(['undici', '8.0.0'], 'docs/docs/mocking.md', 'Mocking')
  expect(withoutOtherVersions([best, older, otherHeading, otherPackage, nextPart])).toEqual([
    best,
    otherHeading,
    otherPackage,
    nextPart,
  ])
})

it('takes pages of one name in different folders for different pages', () => {
  const hits = [hit(['notes'], 'a/README.md', 'Usage'), hit(['notes'], 'b/README.md', 'Usage')]
  expect(withoutOtherVersions(hits)).toEqual(hits)
})
