import type {
  DocumentPoints,
  Filter,
  FilterValues,
  PathValues,
  Scalar,
  VectorIndex,
  VectorMatch,
  VectorSpace,
} from '@tandemstore/core/adapter'
import { memoryIndex } from '@tandemstore/core/memory'
import { test } from 'vitest'
import { declared, nameOf, openIndex } from '../src/vectors/context.js'
import { vectorChecks } from '../src/vectors/suite.js'
import { expectCaught } from './check-runner.js'

const highest = '9999999999999999-ffffffffffff'

/** A memory index, some of whose methods are replaced. */
function brokenIndex(breakIt: (good: VectorSpace) => Partial<VectorSpace>): VectorIndex {
  const index = memoryIndex()
  return {
    ...index,
    async open(space, options) {
      const good = await index.open(space, options)
      return { ...good, ...breakIt(good) }
    },
  }
}

function changeDocuments(
  change: (document: DocumentPoints, good: VectorSpace) => Promise<DocumentPoints>,
): VectorIndex {
  return brokenIndex((good) => ({
    replace: async (documents, options) =>
      good.replace(await Promise.all(documents.map((each) => change(each, good))), options),
  }))
}

function changeMatches(change: (matches: VectorMatch[]) => VectorMatch[]): VectorIndex {
  return brokenIndex((good) => ({
    async query(query, options) {
      const { matches, more } = await good.query(query, options)
      return { matches: change(matches), more }
    },
  }))
}

/** An index that keeps and compares scalars in another form. */
function changeScalars(change: (value: Scalar) => Scalar): VectorIndex {
  const lists = ({ strings = [], numbers = [], booleans = [], instants }: PathValues): PathValues => {
    const all = [...strings, ...numbers, ...booleans].map(change)
    return {
      strings: all.filter((each) => typeof each === 'string'),
      numbers: all.filter((each) => typeof each === 'number'),
      booleans: all.filter((each) => typeof each === 'boolean'),
      instants,
    }
  }
  const inFilter = (filter: Filter): Filter => {
    if (filter.op === 'and' || filter.op === 'or') return { ...filter, filters: filter.filters.map(inFilter) }
    if (filter.op === 'not') return { ...filter, filter: inFilter(filter.filter) }
    return filter.op === 'in' ? { ...filter, values: filter.values.map(change) } : filter
  }
  const inValues = (values: FilterValues) =>
    Object.fromEntries(Object.entries(values).map(([path, each]) => [path, lists(each)]))
  return brokenIndex((good) => ({
    replace: (documents, options) =>
      good.replace(
        documents.map((each) => ({ ...each, values: inValues(each.values) })),
        options,
      ),
    query: (query, options) => good.query({ ...query, filter: query.filter && inFilter(query.filter) }, options),
  }))
}

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
  [
    'lets an older document win',
    () =>
      changeDocuments(async (document, good) => {
        const [stored] = await good.get(document.points.map(({ id }) => id))
        return { ...document, replaces: stored?.version }
      }),
    'an older document does not take the place of a newer one, nor delete it',
  ],
  [
    'does not know `replaces`',
    () => changeDocuments(async ({ replaces: _, ...document }) => document),
    'points of exactly the version that `replaces` names give way, though it is higher',
  ],
  [
    'keeps points that are not given',
    () =>
      changeDocuments(async (document, good) => {
        const { points } = await good.scan({ prefix: document.namespace, limit: 1000 })
        const others = points.filter(
          ({ id, key }) => key === document.key && !document.points.some((point) => point.id === id),
        )
        return {
          ...document,
          points: [...document.points, ...others.map(({ id, field, part, hash }) => ({ id, field, part, hash }))],
        }
      }),
    'points that are not given are deleted, of this document alone',
  ],
  [
    'never misses a vector',
    () =>
      brokenIndex((good) => ({
        replace: async (documents, options) => (await good.replace(documents, options)).map(() => 'done'),
      })),
    'a point without its vector is `missing` when it is absent or of another text; the others of the batch are done',
  ],
  [
    'keeps the vector of another text',
    () =>
      changeDocuments(async (document, good) => {
        const stored = await good.get(document.points.map(({ id }) => id))
        const points = document.points.map((point, i) =>
          point.vector ? point : { ...point, hash: stored[i]?.hash ?? point.hash },
        )
        return { ...document, points }
      }),
    'a point without its vector is `missing` when it is absent or of another text; the others of the batch are done',
  ],
  [
    'leaves the values when the vector stays',
    () =>
      brokenIndex((good) => ({
        async replace(documents, options) {
          const whole = documents.filter(({ points }) => points.some(({ vector }) => vector))
          await good.replace(whole, options)
          return documents.map(() => 'done')
        },
      })),
    'without its vector a point keeps the one that is stored, and takes the new values, expiry and version',
  ],
  [
    'is done before it has taken effect',
    () =>
      brokenIndex((good) => {
        let before = Promise.resolve<unknown>(undefined)
        return {
          async replace(documents) {
            before = before.then(() => new Promise(setImmediate)).then(() => good.replace(documents))
            return documents.map(() => 'done')
          },
        }
      }),
    'a replacement is visible to queries when it resolves, and the old vector is gone',
  ],
  [
    'deletes a prefix whatever the version',
    () =>
      brokenIndex((good) => ({ deletePrefix: (prefix, _, options) => good.deletePrefix(prefix, highest, options) })),
    'deletePrefix leaves the points above its version',
  ],
  [
    'sweeps a millisecond late',
    () => brokenIndex((good) => ({ deleteExpired: (before, options) => good.deleteExpired(before - 1, options) })),
    'deleteExpired deletes what expires at or before, to the millisecond, and nothing else',
  ],
  [
    'scans living points only',
    () =>
      brokenIndex((good) => ({
        async scan(query, options) {
          const page = await good.scan(query, options)
          return {
            ...page,
            points: page.points.filter(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt > Date.now()),
          }
        },
      })),
    'scan gives every point once, by pages of any size, expired ones too',
  ],
  [
    'pages a scan by offset',
    () =>
      brokenIndex((good) => ({
        async scan({ prefix, cursor, limit }) {
          const { points } = await good.scan({ prefix, limit: 1000 })
          const from = Number(cursor ?? 0)
          const page = points.slice(from, from + limit)
          return from + limit < points.length ? { points: page, cursor: String(from + limit) } : { points: page }
        },
      })),
    'points deleted between two pages hide no other one',
  ],
  [
    'opens a space whatever its dimensions',
    () => {
      const index = memoryIndex()
      return { ...index, open: (space, options) => index.open({ ...space, dimensions: 4, metric: 'cosine' }, options) }
    },
    'a space of that name with other dimensions or another metric is MODEL_MISMATCH, and stays as it is',
  ],
  [
    'does not look at the signal',
    () => brokenIndex((good) => ({ deletePrefix: (prefix, version) => good.deletePrefix(prefix, version) })),
    'a signal that is aborted already rejects every call, and nothing is done',
  ],
]

test.each(broken)('the suite catches an index that %s', async (_, index, caughtBy) => {
  const { context } = await openIndex(index())
  await expectCaught(vectorChecks, caughtBy, context())
})
