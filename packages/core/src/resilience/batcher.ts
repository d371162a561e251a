export interface BatcherOptions<Item> {
  /** Batches at the same time. */
  readonly concurrency: number
  /** Total weight of a batch; one heavier item still goes alone. */
  readonly maxWeight: number
  readonly maxBytes?: number
  /** Beside a batch that runs, the next one begins with at least this weight, or that of a full batch; less gathers until it ends. Default 1. */
  readonly minBeside?: number
  /** Another whose batches count for `minBeside` as if they were of this one. */
  readonly neighbour?: Pick<Batcher<never>, 'running' | 'onEnd'>
  weight?(item: Item): number
  bytes?(item: Item): number
  /** Items of one key never run at the same time, and run in the order they were added. */
  key(item: Item): string
  /** Does the work. It has to deal with its own failures. */
  run(items: Item[]): Promise<void>
}

/**
 * A rolling window of batches: a free slot takes what is waiting, a busy one lets items gather. There is no timer; what is added
 * in one run of code shares a batch.
 */
export class Batcher<Item> {
  readonly #options: BatcherOptions<Item>
  #waiting: Item[] = []
  readonly #busyKeys = new Set<string>()
  #running = 0
  #scheduled = false
  readonly #listeners: (() => void)[] = []

  constructor(options: BatcherOptions<Item>) {
    this.#options = options
    options.neighbour?.onEnd(() => {
      if (this.#waiting.length > 0) this.#schedule()
    })
  }

  /** Batches that run now. */
  get running(): number {
    return this.#running
  }

  /** Calls whenever a batch has ended. */
  onEnd(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Whether nothing waits or runs. */
  get idle(): boolean {
    return this.#waiting.length === 0 && this.#running === 0
  }

  add(item: Item): void {
    this.#waiting.push(item)
    this.#schedule()
  }

  /** Takes out an item that has not begun. Says whether it did. */
  withdraw(item: Item): boolean {
    const at = this.#waiting.indexOf(item)
    if (at < 0) return false
    this.#waiting.splice(at, 1)
    return true
  }

  #schedule(): void {
    if (this.#scheduled || this.#running >= this.#options.concurrency) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      while (this.#mayBegin()) {
        const batch = this.#take()
        if (batch.length === 0) return
        void this.#runBatch(batch)
      }
    })
  }

  #mayBegin(): boolean {
    const { concurrency, maxWeight, minBeside = 1, neighbour } = this.#options
    const isAlone = this.#running === 0 && (neighbour === undefined || neighbour.running === 0)
    return this.#running < concurrency && this.#weighs(isAlone ? 1 : Math.min(minBeside, maxWeight))
  }

  #weighs(least: number): boolean {
    const { weight } = this.#options
    let total = 0
    for (const item of this.#waiting) {
      total += weight?.(item) ?? 1
      if (total >= least) return true
    }
    return false
  }

  async #runBatch(batch: Item[]): Promise<void> {
    this.#running += 1
    try {
      await this.#options.run(batch)
    } finally {
      this.#running -= 1
      for (const item of batch) this.#busyKeys.delete(this.#options.key(item))
      if (this.#waiting.length > 0) this.#schedule()
      for (const listener of this.#listeners) listener()
    }
  }

  /** The first items that fit together and whose keys are free; a later one of a key never overtakes an earlier one. */
  #take(): Item[] {
    const { maxWeight, maxBytes = Number.POSITIVE_INFINITY, weight, bytes, key } = this.#options
    const batch: Item[] = []
    const left: Item[] = []
    let passedOver: Set<string> | undefined
    let totalWeight = 0
    let totalBytes = 0
    let at = 0
    for (; at < this.#waiting.length; at += 1) {
      const item = this.#waiting[at] as Item
      const itemKey = key(item)
      if (this.#busyKeys.has(itemKey) || passedOver?.has(itemKey)) {
        passedOver ??= new Set()
        passedOver.add(itemKey)
        left.push(item)
        continue
      }
      const itemWeight = weight?.(item) ?? 1
      const itemBytes = bytes?.(item) ?? 0
      if (batch.length > 0 && (totalWeight + itemWeight > maxWeight || totalBytes + itemBytes > maxBytes)) break
      this.#busyKeys.add(itemKey)
      batch.push(item)
      totalWeight += itemWeight
      totalBytes += itemBytes
    }
    this.#waiting = at === this.#waiting.length ? left : left.concat(this.#waiting.slice(at))
    return batch
  }
}
