/** How many are held back at most. */
const MAX_HELD = 32

/**
 * Holds work in the background back for the rest of a turn of the event loop, so that whoever awaits what came before it goes on first.
 * A database in memory may never end a turn, so when many are held they all go.
 */
export class HeldBack<Item> {
  readonly #release: (item: Item) => void
  readonly #held: Item[] = []
  #immediate: NodeJS.Immediate | undefined

  constructor(release: (item: Item) => void) {
    this.#release = release
  }

  add(item: Item): void {
    this.#held.push(item)
    if (this.#held.length >= MAX_HELD) this.#releaseAll()
    else this.#immediate ??= setImmediate(() => this.#releaseAll())
  }

  #releaseAll(): void {
    clearImmediate(this.#immediate)
    this.#immediate = undefined
    for (const item of this.#held.splice(0)) this.#release(item)
  }
}
