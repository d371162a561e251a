import type { SearchPage } from '@tandemstore/core'
import { expect } from 'vitest'

/** All the pages of a list, as one. */
export async function allItems<Item>(
  page: (cursor: string | undefined) => Promise<{ readonly items: readonly Item[]; readonly cursor?: string }>,
  limit: number,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const next = await page(cursor)
    expect(next.items.length).toBeLessThanOrEqual(limit)
    items.push(...next.items)
    cursor = next.cursor
  } while (cursor !== undefined)
  return items
}

/** All the pages of a search, as one. Only the last may be short. */
export async function allHits<Hit>(
  page: (cursor: string | undefined) => Promise<SearchPage<Hit>>,
  limit: number,
): Promise<Hit[]> {
  const hits: Hit[] = []
  let cursor: string | undefined
  do {
    const next = await page(cursor)
    cursor = next.cursor
    if (cursor === undefined) expect(next.length).toBeLessThanOrEqual(limit)
    else expect(next).toHaveLength(limit)
    hits.push(...next)
  } while (cursor !== undefined)
  return hits
}
