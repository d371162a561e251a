import type { KVCollection } from '../ports/kv-backend.js'

/** Says of a writer whether it lives: it renews a lease; one that is gone or was never there belongs to recovery. */
export class Leases {
  readonly writer: string
  readonly durationMs: number
  readonly #kv: KVCollection
  /** The database's clock minus this machine's, milliseconds. All writers judge leases by the database's clock. */
  readonly #offsetMs: number

  constructor(options: {
    readonly kv: KVCollection
    readonly writer: string
    readonly durationMs: number
    readonly offsetMs: number
  }) {
    this.#kv = options.kv
    this.writer = options.writer
    this.durationMs = options.durationMs
    this.#offsetMs = options.offsetMs
  }

  /** The database's time, milliseconds since the Unix epoch. */
  now(): number {
    return Date.now() + this.#offsetMs
  }

  /** `spaces`: names of those that this store follows. */
  async renew(spaces: readonly string[]): Promise<void> {
    await this.#kv.putLease({ writer: this.writer, expiresAt: this.now() + this.durationMs, spaces })
  }

  /** Names of the spaces that other writers which live say that they follow. */
  async followedByOthers(): Promise<ReadonlySet<string>> {
    const now = this.now()
    const leases = await this.#kv.leases()
    return new Set(
      leases.flatMap(({ writer, expiresAt, spaces = [] }) =>
        writer === this.writer || expiresAt <= now ? [] : spaces,
      ),
    )
  }

  /** Until when each other writer counts as alive, in the database's time. */
  async others(): Promise<Map<string, number>> {
    const leases = await this.#kv.leases()
    return new Map(
      leases.filter(({ writer }) => writer !== this.writer).map(({ writer, expiresAt }) => [writer, expiresAt]),
    )
  }

  /** Removes the leases of writers that died. */
  async forget(writers: Iterable<string>): Promise<void> {
    for (const writer of writers) await this.#kv.putLease({ writer, expiresAt: 0 })
  }
}
