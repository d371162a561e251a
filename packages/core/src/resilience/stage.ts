export interface StageOptions<Item> {
  /** Batches at the same time. Default: unlimited. */
  readonly concurrency?: number
  /** Total weight of a batch; a heavier item goes alone. Default: unlimited. */
  readonly maxWeight?: number
  /** Total bytes of a batch; a larger item goes alone. Default: unlimited. */
  readonly maxBytes?: number
  /** Holds items back so that batches grow. Default: a free slot takes what waits when this run of code ends. */
  readonly hold?: Hold
  /** Another stage on the same resource: its running batches count for `hold` like this stage's own. */
  readonly neighbour?: Pick<Stage<never>, 'running' | 'onEnd'>
  /** Default: 1. */
  weight?(item: Item): number
  /** Default: 0. */
  bytes?(item: Item): number
  /** Items of one key never run at the same time, and run in the order they were added. Default: no such rule. */
  key?(item: Item): string
  /** Does the work, and deals with its own failures. */
  run(items: Item[]): Promise<void>
}

/** A batch that weighs less than `weight` waits, for `ms` at most. */
export interface Hold {
  /**
   * `debounce`: until `drain()` is called. `beside`: only while another batch runs. A drained stage still holds
   * beside.
   */
  readonly when: 'debounce' | 'beside'
  readonly weight: number
  /** Milliseconds. It bounds how long a batch that hangs can delay those behind it. */
  readonly ms: number
}

interface Waiting<Item> {
  readonly item: Item
  readonly weight: number
  readonly bytes: number
}

/** Gathers items into batches and runs them in a rolling window, optionally debounced and in order of a key. */
export class Stage<Item> {
  readonly #options: StageOptions<Item>
  readonly #concurrency: number
  readonly #maxWeight: number
  readonly #busyKeys = new Set<string>()
  readonly #endListeners: (() => void)[] = []
  #waiting: Waiting<Item>[] = []
  #weight = 0
  #running = 0
  #isScheduled = false
  #isDrained = false
  #isOverdue = false
  #immediate: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: StageOptions<Item>) {
    this.#options = options
    this.#concurrency = options.concurrency ?? Number.POSITIVE_INFINITY
    this.#maxWeight = options.maxWeight ?? Number.POSITIVE_INFINITY
    options.neighbour?.onEnd(() => this.#schedule())
  }

  /** Batches that run now. */
  get running(): number {
    return this.#running
  }

  /** Calls whenever a batch has ended. */
  onEnd(listener: () => void): void {
    this.#endListeners.push(listener)
  }

  add(item: Item): void {
    const weight = this.#options.weight?.(item) ?? 1
    this.#waiting.push({ item, weight, bytes: this.#options.bytes?.(item) ?? 0 })
    this.#weight += weight
    this.#schedule()
  }

  /** Ends the debounce for all that waits: it goes when this turn of the event loop ends. */
  drain(): void {
    if (this.#waiting.length === 0) return
    this.#isDrained = true
    this.#schedule()
  }

  /** Takes out an item whose batch has not begun. Returns whether it did. */
  withdraw(item: Item): boolean {
    const at = this.#waiting.findIndex((waiting) => waiting.item === item)
    if (at < 0) return false
    const [taken] = this.#waiting.splice(at, 1)
    this.#weight -= taken?.weight ?? 0
    return true
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0 || this.#running >= this.#concurrency) return
    const { hold } = this.#options
    if (hold !== undefined && !this.#mayBegin()) {
      this.#timer ??= setTimeout(() => this.#endHold(), hold.ms)
      return
    }
    if (hold?.when === 'debounce' && this.#weight < hold.weight) {
      // What else this turn brings joins the batch. A full batch does not wait: an in-memory database may never end
      // the turn.
      this.#immediate ??= setImmediate(() => this.#begin())
      return
    }
    this.#isScheduled = true
    queueMicrotask(() => this.#begin())
  }

  #endHold(): void {
    this.#timer = undefined
    this.#isOverdue = true
    this.#schedule()
  }

  /** The weight below which a batch waits now. */
  #held(): number {
    const { hold, neighbour } = this.#options
    if (hold === undefined) return 0
    if (hold.when === 'debounce' && !this.#isDrained) return hold.weight
    const isBusy = this.#running > 0 || (neighbour?.running ?? 0) > 0
    return isBusy ? Math.min(hold.weight, this.#maxWeight) : 0
  }

  #begin(): void {
    clearImmediate(this.#immediate)
    this.#immediate = undefined
    this.#isScheduled = false
    clearTimeout(this.#timer)
    this.#timer = undefined
    let isBlocked = false
    while (this.#waiting.length > 0 && this.#running < this.#concurrency && this.#mayBegin()) {
      const batch = this.#take()
      isBlocked = batch.length === 0
      if (isBlocked) break
      void this.#run(batch)
    }
    this.#isOverdue = false
    if (this.#waiting.length === 0) this.#isDrained = false
    // Items whose keys are all busy go on when a batch ends.
    else if (!isBlocked) this.#schedule()
  }

  #mayBegin(): boolean {
    return this.#isOverdue || this.#weight >= this.#held()
  }

  async #run(batch: Item[]): Promise<void> {
    const { key, run } = this.#options
    this.#running += 1
    try {
      await run(batch)
    } finally {
      this.#running -= 1
      if (key !== undefined) for (const item of batch) this.#busyKeys.delete(key(item))
      this.#schedule()
      for (const listener of this.#endListeners) listener()
    }
  }

  /**
   * The first items that fit together and whose keys are free. A later item of a key never overtakes an earlier one.
   */
  #take(): Item[] {
    const { maxBytes = Number.POSITIVE_INFINITY, key } = this.#options
    const batch: Item[] = []
    const left: Waiting<Item>[] = []
    let passedOver: Set<string> | undefined
    let totalWeight = 0
    let totalBytes = 0
    let at = 0
    for (; at < this.#waiting.length; at += 1) {
      const waiting = this.#waiting[at] as Waiting<Item>
      const { item, weight, bytes } = waiting
      const itemKey = key?.(item)
      if (itemKey !== undefined && (this.#busyKeys.has(itemKey) || passedOver?.has(itemKey))) {
        passedOver ??= new Set()
        passedOver.add(itemKey)
        left.push(waiting)
        continue
      }
      if (batch.length > 0 && (totalWeight + weight > this.#maxWeight || totalBytes + bytes > maxBytes)) break
      if (itemKey !== undefined) this.#busyKeys.add(itemKey)
      batch.push(item)
      totalWeight += weight
      totalBytes += bytes
    }
    this.#waiting = at === this.#waiting.length ? left : left.concat(this.#waiting.slice(at))
    this.#weight -= totalWeight
    return batch
  }
}
