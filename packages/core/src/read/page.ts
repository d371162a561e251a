/** Entries read in one call, at most. */
const MAX_ENTRIES = 1000
/** Entries read in the first call where some will not be wanted. */
const MIN_ENTRIES = 32

/** Entries of the database in order, of which a page keeps some. */
export interface Listing<Entry, Place, Item> {
  read(
    after: Place | undefined,
    limit: number,
  ): Promise<{ readonly entries: readonly Entry[]; readonly next?: Place | undefined }>
  placeOf(entry: Entry): Place
  /** The items of some entries: same length and order, `undefined` for what is passed over. */
  pick(entries: readonly Entry[]): Promise<(Item | undefined)[]> | (Item | undefined)[]
}

export interface PageQuery<Place> {
  readonly after?: Place | undefined
  /** Items to pass over first. */
  readonly skip: number
  readonly limit: number
  /** Entries after which the page ends though it is not full. They do not count while items are skipped. */
  readonly maxRead: number
  /** Whether `pick` may pass over many entries. */
  readonly selective: boolean
}

export interface PageResult<Place, Item> {
  readonly items: Item[]
  /** Where the next page begins, and how many items it still has to skip; absent at the end. */
  readonly next?: { readonly after: Place; readonly skip: number }
}

/**
 * Reads one page of items. Each call to the database asks for twice as many entries as the one before, so that a page
 * of few items among many entries takes few calls.
 */
export async function readPage<Entry, Place, Item>(
  listing: Listing<Entry, Place, Item>,
  { limit, maxRead, selective, ...query }: PageQuery<Place>,
): Promise<PageResult<Place, Item>> {
  const items: Item[] = []
  let { after, skip } = query
  const budget = maxRead + skip
  let size = Math.max(limit + skip, selective ? MIN_ENTRIES : 1)
  for (let count = 0; ; size *= 2) {
    size = Math.min(size, MAX_ENTRIES)
    const { entries, next } = await listing.read(after, size)
    const picked = await listing.pick(entries)
    for (const [i, entry] of entries.entries()) {
      const item = picked[i]
      if (item === undefined) continue
      if (skip > 0) {
        skip -= 1
        continue
      }
      items.push(item)
      if (items.length < limit) continue
      const isLast = i === entries.length - 1
      if (!isLast) return { items, next: { after: listing.placeOf(entry), skip } }
      return next === undefined ? { items } : { items, next: { after: next, skip } }
    }
    if (next === undefined) return { items }
    count += entries.length
    if (count >= budget) return { items, next: { after: next, skip } }
    after = next
  }
}
