import type { Leases } from './leases.js'

/** How long a lease that has run out is kept at least, milliseconds. */
const KEPT_MS = 600_000

/** Writers whose lease has run out, and which of them were recovered by this store. */
export class DeadWriters {
  readonly #leases: Leases
  readonly #settleMs: number
  /** Those recovered, by when their lease ran out. */
  #recovered: ReadonlyMap<string, number> = new Map()
  #dead: ReadonlyMap<string, number> = new Map()

  constructor(leases: Leases, settleMs: number) {
    this.#leases = leases
    this.#settleMs = settleMs
  }

  /** Looks for them. Returns whether there is one that was not recovered. */
  async look(): Promise<boolean> {
    const now = this.#leases.now()
    const others = await this.#leases.others()
    this.#dead = new Map([...others].filter(([, expiresAt]) => expiresAt <= now))
    return [...this.#dead].some(([writer, expiresAt]) => this.#recovered.get(writer) !== expiresAt)
  }

  /**
   * Those that were found by the last look are recovered. Their leases are kept until all open stores have seen them:
   * each recovers only its own space.
   */
  async noteRecovered(): Promise<void> {
    this.#recovered = this.#dead
    const keptSince = this.#leases.now() - Math.max(this.#settleMs, KEPT_MS)
    const old = [...this.#dead].filter(([, expiresAt]) => expiresAt <= keptSince)
    await this.#leases.forget(old.map(([writer]) => writer))
  }
}
