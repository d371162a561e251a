import type { SpaceRecord } from '@tandemstore/core/adapter'
import type { Place } from './place.js'
import { withCollection } from './rows.js'

/** A space as the collection remembers it, with the number of its points where the index tells. */
export type CountedSpace = SpaceRecord & { readonly points?: number }

/** The spaces of a collection, the oldest first. Looking makes nothing and changes nothing. */
export async function spacesOf(place: Place, signal: AbortSignal): Promise<CountedSpace[]> {
  const records = await withCollection(place, (kv) => kv.spaces({ signal }))
  const sorted = records.toSorted((a, b) => a.createdAt - b.createdAt)
  return Promise.all(sorted.map(async (record) => ({ ...record, ...(await pointsOf(place, record, signal)) })))
}

async function pointsOf(
  { vectors }: Place,
  { name, dimensions, metric, index }: SpaceRecord,
  signal: AbortSignal,
): Promise<{ readonly points?: number }> {
  // Opened with other paths, an index would be made anew.
  if (vectors === undefined || index === undefined) return {}
  const space = await vectors.open(
    { name, dimensions, metric, filterable: index.filterable, terms: index.keywords !== undefined },
    { signal },
  )
  try {
    return { points: await space.count({ signal }) }
  } finally {
    await space.close()
  }
}
