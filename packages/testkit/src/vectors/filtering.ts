import { type DocumentPoints, type Filter, matchesFilter } from '@tandemstore/core/adapter'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { documentOf, keysFound, store, type VectorContext, vectorOf } from './context.js'
import { arbitraryFilter, arbitraryValues, lonelyValues, oneByOne } from './filter-arbitraries.js'

const near = vectorOf(1, 0, 0, 0)

function corpus(root: string, version: () => string, seed: number): DocumentPoints[] {
  const random = fc.sample(arbitraryValues, { numRuns: 50, seed })
  return [...lonelyValues, ...random].map((values, i) =>
    documentOf({ namespace: [root], key: `k${i}` }, version(), near, { values }),
  )
}

export const filteringChecks: readonly Check<VectorContext>[] = [
  {
    name: 'each kind of condition, on a declared path and on another, finds what the reference finds',
    async run({ space, root, version }) {
      const documents = corpus(root, version, 1)
      await store(space, documents)
      for (const filter of oneByOne) await expectSame(space, root, documents, filter)
    },
  },
  {
    name: 'any filter finds what the reference finds',
    async run({ space, root, version }) {
      const seed = fc.readConfigureGlobal().seed ?? Math.floor(Math.random() * 2 ** 31)
      const documents = corpus(root, version, seed)
      await store(space, documents)
      const property = fc.asyncProperty(arbitraryFilter, (filter) => expectSame(space, root, documents, filter))
      // One seed for both, so that the one in the report brings the same documents back.
      await fc.assert(property, { numRuns: 150, seed, includeErrorInReport: true })
    },
  },
  {
    name: 'a document is filtered by the values it has now',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const where = (path: string, value: string | number) =>
        keysFound(space, { prefix: [root], filter: { op: 'in', path, values: [value] } })
      await store(space, [
        documentOf(ref, version(), near, { values: { lang: { strings: ['de'] }, x: { numbers: [1] } } }),
      ])
      expect([await where('lang', 'de'), await where('x', 1)]).toEqual([['k'], ['k']])
      await store(space, [documentOf(ref, version(), near, { values: { lang: { strings: ['en'] } } })])
      expect([await where('lang', 'de'), await where('lang', 'en'), await where('x', 1)]).toEqual([[], ['k'], []])
      const gone: Filter = { op: 'not', filter: { op: 'exists', path: 'x' } }
      expect(await keysFound(space, { prefix: [root], filter: gone })).toEqual(['k'])
    },
  },
]

async function expectSame(
  space: VectorContext['space'],
  root: string,
  documents: readonly DocumentPoints[],
  filter: Filter,
): Promise<void> {
  const expected = documents.filter(({ values }) => matchesFilter(filter, values)).map(({ key }) => key)
  const found = await keysFound(space, { prefix: [root], filter })
  const wrong = documents.find(({ key }) => expected.includes(key) !== found.includes(key))
  if (wrong === undefined) return
  const verdict = expected.includes(wrong.key) ? 'was not found, and should be' : 'was found, and should not be'
  expect.fail(`With ${shorten(filter)} the document of ${shorten(wrong.values)} ${verdict}`)
}

function shorten(value: unknown): string {
  return JSON.stringify(value, (_, each) =>
    typeof each === 'string' && each.length > 60 ? `${each.slice(0, 20)}…${each.slice(-5)}` : each,
  )
}
