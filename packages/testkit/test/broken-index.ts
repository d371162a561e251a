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

export const highest = '9999999999999999-ffffffffffff'

/** A memory index, some of whose methods are replaced. */
export function brokenIndex(breakIt: (good: VectorSpace) => Partial<VectorSpace>): VectorIndex {
  const index = memoryIndex()
  return {
    ...index,
    async open(space, options) {
      const good = await index.open(space, options)
      return { ...good, ...breakIt(good) }
    },
  }
}

export function changeDocuments(
  change: (document: DocumentPoints, good: VectorSpace) => Promise<DocumentPoints>,
): VectorIndex {
  return brokenIndex((good) => ({
    replace: async (documents, options) =>
      good.replace(await Promise.all(documents.map((each) => change(each, good))), options),
  }))
}

export function changeMatches(change: (matches: VectorMatch[]) => VectorMatch[]): VectorIndex {
  return brokenIndex((good) => ({
    async query(query, options) {
      const { matches, more } = await good.query(query, options)
      return { matches: change(matches), more }
    },
  }))
}

/** An index that keeps and compares scalars in another form. */
export function changeScalars(change: (value: Scalar) => Scalar): VectorIndex {
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
