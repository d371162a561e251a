import type { DocumentPoints, Point, QueryResult, TermQuery, TermWeights, VectorIndex } from '@tandemstore/core/adapter'
import { memoryIndex } from '@tandemstore/core/memory'
import { test } from 'vitest'
import { openIndex } from '../src/vectors/context.js'
import { vectorChecks } from '../src/vectors/suite.js'
import { brokenIndex, changeDocuments } from './broken-index.js'
import { expectCaught } from './check-runner.js'

const holds = 'documents are found that have a term of the query, and no others'
const characters = 'terms of any characters are told apart'
const scores = 'scores are the weights times the inverse document frequency'
const lies = 'a point without a vector is found by its terms only, and gets its vector later'

function changeQuery(change: (query: TermQuery) => TermQuery): VectorIndex {
  return brokenIndex((good) => ({ queryTerms: (query, options) => ask(good.queryTerms?.(change(query), options)) }))
}

function changeTerms(change: (terms: TermWeights) => TermWeights): VectorIndex {
  return changePoints((point) => (point.terms === undefined ? point : { ...point, terms: change(point.terms) }))
}

function changePoints(change: (point: Point) => Point): VectorIndex {
  return changeDocuments(async (document: DocumentPoints) => ({ ...document, points: document.points.map(change) }))
}

async function ask(result: Promise<QueryResult> | undefined): Promise<QueryResult> {
  return (await result) ?? { matches: [], more: false }
}

const each = (change: (term: string) => string) => (weights: TermWeights) => {
  const merged = new Map(weights.terms.map((term, i) => [change(term), weights.weights[i] as number]))
  return { terms: [...merged.keys()], weights: [...merged.values()] }
}

const broken: readonly [what: string, index: () => VectorIndex, caughtBy: string][] = [
  ['finds nothing', () => brokenIndex(() => ({ queryTerms: async () => ({ matches: [], more: false }) })), holds],
  [
    'wants every term',
    () => changeQuery((q) => ({ ...q, terms: each(() => q.terms.terms.join(' '))(q.terms) })),
    holds,
  ],
  [
    'takes the first term only',
    () => changeQuery((q) => ({ ...q, terms: { terms: q.terms.terms.slice(0, 1), weights: [1] } })),
    holds,
  ],
  ['drops punctuation', () => changeTerms(each((term) => term.replace(/[+#]/g, '') || term)), characters],
  ['cuts terms', () => changeTerms(each((term) => term.slice(0, 63))), characters],
  [
    'ignores the weights of the query',
    () => changeQuery((q) => ({ ...q, terms: { ...q.terms, weights: q.terms.weights.map(() => 1) } })),
    scores,
  ],
  ['ignores the weights of points', () => changeTerms(({ terms }) => ({ terms, weights: terms.map(() => 1) })), scores],
  [
    'ignores the prefix',
    () => changeQuery((q) => ({ ...q, prefix: [] })),
    'a query keeps to prefix, filter and expiry, and passes over what is excluded',
  ],
  [
    'ignores the filter',
    () => changeQuery((q) => ({ ...q, filter: undefined })),
    'a query keeps to prefix, filter and expiry, and passes over what is excluded',
  ],
  [
    'ignores expiry',
    () => changeQuery((q) => ({ ...q, now: 0 })),
    'a query keeps to prefix, filter and expiry, and passes over what is excluded',
  ],
  [
    'excludes nothing',
    () => changeQuery((q) => ({ ...q, exclude: [] })),
    'pages of any size give every document once, the best first',
  ],
  [
    'says that there is no more',
    () =>
      brokenIndex((good) => ({
        queryTerms: async (query, options) => ({ ...(await ask(good.queryTerms?.(query, options))), more: false }),
      })),
    'pages of any size give every document once, the best first',
  ],
  [
    'gives the worst first',
    () =>
      brokenIndex((good) => ({
        async queryTerms(query, options) {
          const { matches, more } = await ask(good.queryTerms?.(query, options))
          return { matches: matches.reverse(), more }
        },
      })),
    scores,
  ],
  [
    'gives a point without a vector a vector',
    () => changePoints((point) => (point.vector === null ? { ...point, vector: Float32Array.of(1, 0, 0, 0) } : point)),
    lies,
  ],
  [
    'does not tell that a vector is lacking',
    () =>
      brokenIndex((good) => ({
        async scan(query, options) {
          const page = await good.scan(query, options)
          return { ...page, points: page.points.map(({ lacksVector: _, ...point }) => point) }
        },
      })),
    lies,
  ],
  [
    'forgets terms where none are given',
    () => changePoints((point) => ({ ...point, terms: point.terms ?? { terms: [], weights: [] } })),
    'a point keeps its terms where none are given and its text is the same',
  ],
  [
    'keeps terms that were made in another way',
    () => changeDocuments(async (document) => ({ ...document, fingerprint: 'always the same' })),
    'terms that were made in another way are not kept',
  ],
  [
    'keeps the terms of a point that keeps its vector',
    () =>
      changePoints((point) => {
        const { terms: _, ...rest } = point
        return point.vector === undefined ? rest : point
      }),
    'a point that keeps its vector gets other terms, or none',
  ],
]

test.each(broken)('the suite catches an index that %s', async (_, index, caughtBy) => {
  const { context } = await openIndex(index())
  await expectCaught(vectorChecks, caughtBy, context())
})

/** An index whose spaces have no `queryTerms`. */
function withoutTerms(capabilities: VectorIndex['capabilities']): VectorIndex {
  const index = memoryIndex()
  return {
    ...index,
    capabilities,
    open: async (space, options) => {
      const { queryTerms: _, ...opened } = await index.open(space, options)
      return opened
    },
  }
}

test('the suite catches an index that declares terms and has no queryTerms', async () => {
  const { context } = await openIndex(withoutTerms({ exact: true, terms: true }))
  await expectCaught(vectorChecks, holds, context())
})

test('an index that declares no terms and has no queryTerms passes', async () => {
  const index = withoutTerms({ exact: true })
  const { context, close } = await openIndex(index)
  for (const { run } of vectorChecks.terms ?? []) await run(context())
  await close()
})
