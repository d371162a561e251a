/** Several sorted sources read as one. `Position` is where an item stands in the order. */
export interface Merged<Item, Position> {
  /** The lowest item that was not taken yet, or `undefined` at the end. */
  next(): Promise<Item | undefined>
  /** Passes over everything before this position. */
  skipTo(position: Position): void
}

export interface MergeOptions<Item, Position> {
  readonly sources: number
  /** Where to start, inclusive. */
  readonly from: Position
  /**
   * The items of one source at and after `from`, in order. `end`: no more come. Without `end` there is at least one.
   */
  readonly fetch: (
    source: number,
    from: Position,
  ) => Promise<{ readonly items: readonly Item[]; readonly end: boolean }>
  readonly positionOf: (item: Item) => Position
  readonly compare: (a: Position, b: Position) => number
  /** The first position behind this one. */
  readonly behind: (position: Position) => Position
}

interface Source<Item, Position> {
  items: Item[]
  /** Where the next page begins; `undefined` when there is none. */
  from: Position | undefined
}

/** A k-way merge. Fetches the next page of a source when the last is used up, and the first pages all at once. */
export function mergeSorted<Item, Position>(options: MergeOptions<Item, Position>): Merged<Item, Position> {
  const { positionOf, compare, behind } = options
  const sources = Array.from(
    { length: options.sources },
    (): Source<Item, Position> => ({ items: [], from: options.from }),
  )

  const fill = async (source: Source<Item, Position>, index: number): Promise<void> => {
    if (source.items.length > 0 || source.from === undefined) return
    const { items, end } = await options.fetch(index, source.from)
    source.items = [...items]
    const last = items.at(-1)
    source.from = end || last === undefined ? undefined : behind(positionOf(last))
  }
  const isUsedUp = ({ items, from }: Source<Item, Position>): boolean => items.length === 0 && from !== undefined

  return {
    async next() {
      if (sources.some(isUsedUp)) {
        const filled = await Promise.allSettled(sources.map(fill))
        for (const each of filled) if (each.status === 'rejected') throw each.reason
      }
      let lowest: Source<Item, Position> | undefined
      for (const source of sources) {
        const [head] = source.items
        if (head === undefined) continue
        if (lowest === undefined || compare(positionOf(head), positionOf(lowest.items[0] as Item)) < 0) lowest = source
      }
      return lowest?.items.shift()
    },
    skipTo(position) {
      for (const source of sources) {
        source.items = source.items.filter((item) => compare(positionOf(item), position) >= 0)
        if (source.items.length === 0 && source.from !== undefined && compare(source.from, position) < 0)
          source.from = position
      }
    },
  }
}
