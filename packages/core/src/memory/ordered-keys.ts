import { compareText } from '../document/namespace.js'

/**
 * The keys of a Map in the order of their UTF-8 bytes, sorted when they are asked for: a write costs one push, and a
 * reading after few changes costs about one pass, as the sort finds what it sorted before.
 */
export class OrderedKeys {
  readonly #source: ReadonlyMap<string, unknown>
  #sorted: string[] = []
  #added: string[] = []
  #removed = false

  constructor(source: ReadonlyMap<string, unknown>) {
    this.#source = source
  }

  /** To be called when a key has come into the Map. */
  added(key: string): void {
    this.#added.push(key)
    // Keys that come and go must not pile up where nobody ever reads in order.
    if (this.#added.length > 1000 + 2 * this.#source.size)
      this.#added = this.#added.filter((each) => this.#source.has(each))
  }

  /** To be called when a key has gone from the Map. */
  removed(): void {
    this.#removed = true
  }

  /** All keys, in order. The array changes with the next change of the Map. */
  all(): readonly string[] {
    if (this.#added.length === 0 && !this.#removed) return this.#sorted
    const merged = this.#sorted.concat(this.#added).sort(compareText)
    // A key that went and came again is there twice.
    this.#sorted = merged.filter((key, i) => key !== merged[i - 1] && this.#source.has(key))
    this.#added = []
    this.#removed = false
    return this.#sorted
  }

  /** Where in `all()` the first key at or after `bound` is; behind the end if there is none. */
  lowerBound(bound: string): number {
    const keys = this.all()
    let low = 0
    let high = keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareText(keys[middle] as string, bound) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
