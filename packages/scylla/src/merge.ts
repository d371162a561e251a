/** Several sorted sources read as one. `Place` is where an item stands in the order. */
export interface Merged<Item, Place> {
  /** The lowest item that was not taken yet; `undefined` at the end. */
  next(): Promise<Item | undefined>
  /** Passes over everything before this place. */
  skipTo(place: Place): void
}

export interface MergeOptions<Item, Place> {
  readonly sources: number
  /** Where to start, inclusive. */
  readonly from: Place
  /** The items of one source at and after `from`, in order. `end`: there are none behind them. Without it there is at least one. */
  readonly fetch: (source: number, from: Place) => Promise<{ readonly items: readonly Item[]; readonly end: boolean }>
  readonly placeOf: (item: Item) => Place
  readonly compare: (a: Place, b: Place) => number
  /** The first place behind this one. */
  readonly behind: (place: Place) => Place
}

interface Source<Item, Place> {
  items: Item[]
  /** Where the next page begins; `undefined` when there is none. */
  from: Place | undefined
}

/** A k-way merge that fetches a source's next page when its last one is used up, the first pages all at once. */
export function mergeSorted<Item, Place>(options: MergeOptions<Item, Place>): Merged<Item, Place> {
  const { placeOf, compare, behind } = options
  const sources = Array.from(
    { length: options.sources },
    (): Source<Item, Place> => ({ items: [], from: options.from }),
  )

  const fill = async (source: Source<Item, Place>, index: number): Promise<void> => {
    if (source.items.length > 0 || source.from === undefined) return
    const { items, end } = await options.fetch(index, source.from)
    source.items = [...items]
    const last = items.at(-1)
    source.from = end || last === undefined ? undefined : behind(placeOf(last))
  }
  const isUsedUp = ({ items, from }: Source<Item, Place>): boolean => items.length === 0 && from !== undefined

  return {
    async next() {
      if (sources.some(isUsedUp)) {
        const filled = await Promise.allSettled(sources.map(fill))
        for (const each of filled) if (each.status === 'rejected') throw each.reason
      }
      let lowest: Source<Item, Place> | undefined
      for (const source of sources) {
        const [head] = source.items
        if (head === undefined) continue
        if (lowest === undefined || compare(placeOf(head), placeOf(lowest.items[0] as Item)) < 0) lowest = source
      }
      return lowest?.items.shift()
    },
    skipTo(place) {
      for (const source of sources) {
        source.items = source.items.filter((item) => compare(placeOf(item), place) >= 0)
        if (source.items.length === 0 && source.from !== undefined && compare(source.from, place) < 0)
          source.from = place
      }
    },
  }
}
