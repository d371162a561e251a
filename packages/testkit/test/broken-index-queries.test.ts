import type { VectorIndex, VectorMatch } from '@tandemstore/core/adapter'
import { memoryIndex } from '@tandemstore/core/memory'
import { test } from 'vitest'
import { declared, nameOf, openIndex } from '../src/vectors/context.js'
import { vectorChecks } from '../src/vectors/suite.js'
import { brokenIndex, changeDocuments, changeMatches, changeScalars } from './broken-index.js'
import { expectCaught } from './check-runner.js'

const anyFilter = 'each kind of condition, on a declared path and on another, finds what the reference finds'
const crowded = 'what does not pass the prefix, the filter or the expiry takes no place of what does'

const broken: readonly [what: string, index: () => VectorIndex, caughtBy: string][] = [
  [
    'filters after the search',
    () =>
      brokenIndex((good) => ({
        async query(query, options) {
          const passing = await good.query({ ...query, limit: 10_000 }, options)
          const names = new Set(passing.matches.map(nameOf))
          const { matches, more } = await good.query({ ...query, filter: undefined, limit: query.limit * 4 }, options)
          return { matches: matches.filter((match) => names.has(nameOf(match))).slice(0, query.limit), more }
        },
      })),
    crowded,
  ],
  ['takes true for 1', () => changeScalars((value) => (typeof value === 'boolean' ? Number(value) : value)), anyFilter],
  ['takes 1 for "1"', () => changeScalars((value) => (typeof value === 'number' ? String(value) : value)), anyFilter],
  [
    'cuts long strings',
    () => changeScalars((value) => (typeof value === 'string' ? value.slice(0, 255) : value)),
    anyFilter,
  ],
  [
    'ignores case',
    () => changeScalars((value) => (typeof value === 'string' ? value.toLowerCase() : value)),
    anyFilter,
  ],
  [
    'normalises strings',
    () => changeScalars((value) => (typeof value === 'string' ? value.normalize('NFC') : value)),
    anyFilter,
  ],
  [
    'has no fractions',
    () => changeScalars((value) => (typeof value === 'number' ? Math.trunc(value) : value)),
    anyFilter,
  ],
  [
    'keeps numbers in 32 bits',
    () => changeScalars((value) => (typeof value === 'number' ? Math.fround(value) : value)),
    anyFilter,
  ],
  [
    'filters declared paths only',
    () =>
      changeDocuments(async (document) => {
        const values = Object.entries(document.values).filter(([path]) => Object.hasOwn(declared, path))
        return { ...document, values: Object.fromEntries(values) }
      }),
    anyFilter,
  ],
  [
    'keeps values by their first of each type',
    () =>
      changeDocuments(async (document) => ({
        ...document,
        values: Object.fromEntries(
          Object.entries(document.values).map(([path, each]) => [
            path,
            Object.fromEntries(Object.entries(each).map(([type, list]) => [type, list?.slice(0, 1)])),
          ]),
        ),
      })),
    'any filter finds what the reference finds',
  ],
  [
    'lets siblings in',
    () =>
      brokenIndex((good) => ({
        async query(query, options) {
          const { matches } = await good.query({ ...query, prefix: query.prefix.slice(0, 1), limit: 1000 }, options)
          const prefix = query.prefix.join('/')
          return { matches: matches.filter(({ namespace }) => namespace.join('/').startsWith(prefix)), more: false }
        },
      })),
    'a query keeps to its prefix, label by label',
  ],
  [
    'finds a point in the millisecond it expires at',
    () => brokenIndex((good) => ({ query: (query, options) => good.query({ ...query, now: query.now - 1 }, options) })),
    'a point is found until the millisecond it expires at',
  ],
  [
    'counts points against the limit',
    () => {
      const sizes = new Map<string, number>()
      return brokenIndex((good) => ({
        replace(documents, options) {
          for (const each of documents) sizes.set(nameOf(each), each.points.length)
          return good.replace(documents, options)
        },
        async query(query, options) {
          const { matches, more } = await good.query(query, options)
          let points = 0
          const before = (match: VectorMatch) => {
            const at = points
            points += sizes.get(nameOf(match)) ?? 1
            return at
          }
          return { matches: matches.filter((match) => before(match) < query.limit), more }
        },
      }))
    },
    'a document with many points is found once, by its best one, and takes one place of the limit',
  ],
  [
    'names any point of a document',
    () => changeMatches((matches) => matches.map((match) => ({ ...match, part: 0 }))),
    'a document with many points is found once, by its best one, and takes one place of the limit',
  ],
  [
    'excludes nothing',
    () => brokenIndex((good) => ({ query: ({ exclude: _, ...query }, options) => good.query(query, options) })),
    'exclude passes over exactly the documents given',
  ],
  [
    'excludes no more than it may be asked for',
    () =>
      brokenIndex((good) => ({
        query: ({ exclude = [], ...query }, options) =>
          good.query({ ...query, exclude: exclude.slice(0, 10_000) }, options),
      })),
    'more documents than one query may ask for can be excluded',
  ],
  [
    'excludes by key',
    () =>
      brokenIndex((good) => ({
        async query({ exclude = [], ...query }, options) {
          const { matches, more } = await good.query(query, options)
          return { matches: matches.filter(({ key }) => !exclude.some((each) => each.key === key)), more }
        },
      })),
    'exclude passes over exactly the documents given',
  ],
  [
    'says there is no more',
    () =>
      brokenIndex((good) => ({
        query: async (query, options) => ({ ...(await good.query(query, options)), more: false }),
      })),
    '`more` with `exclude` leads to every document once, whatever the limit',
  ],
  [
    'does not know minScore',
    () => brokenIndex((good) => ({ query: ({ minScore: _, ...query }, options) => good.query(query, options) })),
    'cosine: scores are those of the definition, best first, and minScore keeps to them',
  ],
  [
    'gives distances for scores',
    () => changeMatches((matches) => matches.map((match) => ({ ...match, score: -match.score }))),
    'euclidean: scores are those of the definition, best first, and minScore keeps to them',
  ],
  [
    'takes the dot product for the cosine',
    () => {
      const index = memoryIndex()
      return { ...index, open: (space, options) => index.open({ ...space, metric: 'dot' }, options) }
    },
    'cosine: scores are those of the definition, best first, and minScore keeps to them',
  ],
  [
    'says it is exact and misses one of ten',
    () => changeMatches((matches) => matches.filter((_, i) => i !== 1)),
    'the nearest are found: all of them by an exact index, nine of ten and the very nearest by another',
  ],
]

test.each(broken)('the suite catches an index that %s', async (_, index, caughtBy) => {
  const { context } = await openIndex(index())
  await expectCaught(vectorChecks, caughtBy, context())
})
