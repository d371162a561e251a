export interface HeldBackOptions<Item> {
  /** How many are held back at most. */
  readonly most: number
  /** How long at most, milliseconds. */
  readonly forMs: number
  release(items: Item[]): void
}

/**
 * Holds work in the background back, so that whoever awaits what came before it goes on first, and so that what comes one by one goes on together.
 * A database in memory may never end a turn of the event loop, so when many are held they all go.
 */
export class HeldBack<Item> {
  readonly #options: HeldBackOptions<Item>
  #held: Item[] = []
  #immediate: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: HeldBackOptions<Item>) {
    this.#options = options
  }

  add(items: readonly Item[]): void {
    for (const item of items) this.#held.push(item)
    if (this.#held.length >= this.#options.most) this.#release()
    else if (this.#immediate === undefined) this.#timer ??= setTimeout(() => this.#release(), this.#options.forMs)
  }

  /** Lets go of all when this turn of the event loop ends. */
  hurry(): void {
    if (this.#held.length > 0) this.#immediate ??= setImmediate(() => this.#release())
  }

  #release(): void {
    clearImmediate(this.#immediate)
    clearTimeout(this.#timer)
    this.#immediate = undefined
    this.#timer = undefined
    const held = this.#held
    this.#held = []
    if (held.length > 0) this.#options.release(held)
  }
}
