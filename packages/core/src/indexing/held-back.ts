export interface HeldBackOptions<Item> {
  /** How many are held back at most. */
  readonly most: number
  /** How long at most, milliseconds. */
  readonly forMs: number
  /** Whether work that is in a hurry waits until what was released before is done, and gathers meanwhile; never longer than `forMs`. */
  readonly gathers?: boolean
  /** Begins the work, and deals with its own failures. */
  release(items: Item[]): Promise<void>
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
  #underWay = 0
  #isHurried = false

  constructor(options: HeldBackOptions<Item>) {
    this.#options = options
  }

  add(items: readonly Item[]): void {
    for (const item of items) this.#held.push(item)
    if (this.#held.length >= this.#options.most) this.#release()
    else if (this.#immediate === undefined) this.#timer ??= setTimeout(() => this.#release(), this.#options.forMs)
  }

  /** Lets go of all when this turn of the event loop ends; with `gathers`, when what is under way has ended or the time is over. */
  hurry(): void {
    if (this.#held.length === 0) return
    if (this.#options.gathers && this.#underWay > 0) this.#isHurried = true
    else this.#immediate ??= setImmediate(() => this.#release())
  }

  #release(): void {
    clearImmediate(this.#immediate)
    clearTimeout(this.#timer)
    this.#immediate = undefined
    this.#timer = undefined
    this.#isHurried = false
    const held = this.#held
    this.#held = []
    if (held.length > 0) void this.#work(held)
  }

  async #work(items: Item[]): Promise<void> {
    this.#underWay += 1
    try {
      await this.#options.release(items)
    } finally {
      this.#underWay -= 1
      if (this.#isHurried) this.hurry()
    }
  }
}
