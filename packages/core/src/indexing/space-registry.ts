import type { CallOptions } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { SpaceRecord } from '../ports/kv-records.js'
import type { Leases } from './leases.js'

/** The spaces that have to follow a change, by name. */
export interface FollowedSpaces {
  readonly spaces: readonly string[]
  /** Those of them for which an intent is kept. */
  readonly intentSpaces: readonly string[]
  /** The one that this store searches; absent in a store without an index, which leaves its intents to others. */
  readonly searched: string | undefined
}

export type Change = 'put' | 'deletion' | 'refresh'

/**
 * The spaces of a collection, as the KV records them and as this store knows them: which of them have to follow a
 * change, and which no longer hold everything. Refreshed by the heartbeat.
 */
export class SpaceRegistry {
  readonly #kv: Pick<KVCollection, 'spaces' | 'putSpace'>
  readonly #leases: Pick<Leases, 'followedByOthers'>
  /** Name of the space that this store searches. */
  #own: string | undefined
  #records: readonly SpaceRecord[] = []
  /** Spaces that other live stores follow. */
  #followed: ReadonlySet<string> = new Set()
  /** Spaces that were dropped here, by when they were made: a list that was read before may still have them. */
  readonly #dropped = new Map<string, number>()
  #marking: Promise<void> | undefined
  #leavesIntents = false

  constructor(kv: Pick<KVCollection, 'spaces' | 'putSpace'>, leases: Pick<Leases, 'followedByOthers'>) {
    this.#kv = kv
    this.#leases = leases
  }

  /** `name`: of the space that this store searches from now on. */
  search(name: string): void {
    this.#own = name
  }

  /** Learns which spaces there are, and which of them live stores follow. Returns the records. */
  async refresh(options?: CallOptions): Promise<readonly SpaceRecord[]> {
    const records = await this.#read(options)
    const hasOthers = records.some(({ name }) => name !== this.#own)
    const followed = hasOthers ? await this.#leases.followedByOthers() : new Set<string>()
    // What was dropped meanwhile stays dropped.
    this.#records = records.filter((record) => !this.#isDropped(record))
    this.#followed = followed
    return this.#records
  }

  /** The record of the space that this store searches, as it was read last. */
  get own(): SpaceRecord | undefined {
    return this.#records.find(({ name }) => name === this.#own)
  }

  /** The spaces of other models; in a store without an index, all. */
  get others(): readonly SpaceRecord[] {
    return this.#records.filter(({ name }) => name !== this.#own)
  }

  /** Names of those that no live store follows. */
  get abandoned(): readonly string[] {
    return this.others.flatMap(({ name }) => (this.#followed.has(name) ? [] : [name]))
  }

  /** Whether something was written in a store without an index, which is for others to project. */
  get leavesIntents(): boolean {
    return this.#leavesIntents
  }

  /** Which spaces have to follow a change. */
  follow(change: Change): FollowedSpaces {
    const own = this.#own
    if (own === undefined) {
      // By the stores that have an index.
      const spaces = this.#records.map(({ name }) => name)
      this.#leavesIntents ||= spaces.length > 0
      return { spaces, intentSpaces: spaces, searched: undefined }
    }
    const alone = { spaces: [own], intentSpaces: [own], searched: own }
    if (change === 'refresh') return alone
    // A deletion reaches every space. An overwrite only cleans those that no live store follows: no crash matters
    // there.
    const rest = change === 'deletion' ? this.others.map(({ name }) => name) : this.abandoned
    if (rest.length === 0) return alone
    const spaces = [own, ...rest]
    return { spaces, intentSpaces: change === 'deletion' ? spaces : [own], searched: own }
  }

  /**
   * What has to be done before something is written, if anything: what this store writes is not projected into the
   * spaces of other models, so those are marked as not complete.
   */
  beforeWrite(): Promise<void> | undefined {
    if (this.#own === undefined || !this.others.some(({ complete }) => complete)) return undefined
    this.#marking ??= this.#markIncomplete().finally(() => {
      this.#marking = undefined
    })
    return this.#marking
  }

  /** Drops a space by `run`: from now on it is none of the others, unless that fails. */
  async drop(name: string, run: () => Promise<void>): Promise<void> {
    await this.#marking?.catch(() => {})
    const record = this.#records.find((each) => each.name === name)
    if (record !== undefined) this.#dropped.set(name, record.createdAt)
    this.#records = this.#records.filter((each) => each.name !== name)
    try {
      await run()
    } catch (error) {
      this.#dropped.delete(name)
      throw error
    }
  }

  async #markIncomplete(): Promise<void> {
    // Read again: what another store has dropped must not come back.
    const records = await this.#read()
    const complete = records.filter((record) => record.complete && record.name !== this.#own)
    for (const record of complete) await this.#kv.putSpace({ ...record, complete: false })
    const marked = new Set(complete.map(({ name }) => name))
    this.#records = records.map((record) => (marked.has(record.name) ? { ...record, complete: false } : record))
  }

  async #read(options?: CallOptions): Promise<SpaceRecord[]> {
    return (await this.#kv.spaces(options)).filter((record) => !this.#isDropped(record))
  }

  #isDropped({ name, createdAt }: SpaceRecord): boolean {
    return this.#dropped.get(name) === createdAt
  }
}
