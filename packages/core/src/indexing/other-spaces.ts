import { liveRow } from '../document/row.js'
import { versionWriter } from '../document/version.js'
import { StoreError, toStoreError } from '../errors.js'
import type { Counters } from '../observe/stats.js'
import type { Entry } from '../outbox/entry.js'
import type { Version } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { Intent, SpaceRecord } from '../ports/kv-records.js'
import type { VectorIndex, VectorSpace } from '../ports/vector-index.js'
import { reliableSpace } from '../resilience/reliable-space.js'
import { claimOf, groupIntents } from './claimed-intents.js'
import type { Leases } from './leases.js'
import type { PrefixDeletionsOptions } from './prefix-deletions.js'
import { recoverableIntents } from './recoverable-intents.js'
import type { SpaceRegistry } from './space-registry.js'
import { SpaceRemover } from './space-remover.js'

export interface OtherSpacesOptions extends Omit<PrefixDeletionsOptions, 'space' | 'spaceName'> {
  readonly vectors: VectorIndex
  readonly kv: KVCollection
  /** Name of the space that this store searches. */
  readonly own: string
  readonly leases: Leases
  readonly registry: SpaceRegistry
  readonly counters: Counters
}

/**
 * The spaces of the collection that belong to other models. A deletion and an expiry need no embedder, so they reach
 * these too; an overwrite removes the document's points from those that no live store follows.
 */
export class OtherSpaces {
  readonly #options: OtherSpacesOptions
  readonly #removers = new Map<string, SpaceRemover>()
  /** The space that is being dropped: it is none of the collection any more, and has to be opened all the same. */
  #dropping: SpaceRecord | undefined

  constructor(options: OtherSpacesOptions) {
    this.#options = options
  }

  /** Removes the points of an entry's document at or below a version, in every other space that it follows. */
  remove(entry: Entry, upTo: Version, intents: readonly Intent[] = []): void {
    for (const name of entry.spaces) {
      if (name === this.#options.own) continue
      this.#removerOf(name).add({ entry, upTo, fences: intents.filter(({ space }) => space === name) })
    }
  }

  /** Nothing has to be removed, as the document is new. */
  skip(entry: Entry): void {
    for (const name of entry.spaces) if (name !== this.#options.own) this.#removerOf(name).skip(entry)
  }

  /** Deletes the points under an entry's namespace in every other space. */
  deletePrefix(entry: Entry): void {
    for (const name of entry.spaces) if (name !== this.#options.own) this.#removerOf(name).prefixes.project(entry)
  }

  /** Deletes points that expire at or before a time, milliseconds since the Unix epoch. */
  async deleteExpired(before: number): Promise<void> {
    // One that fails keeps no other from being swept.
    const swept = await Promise.allSettled(
      this.#options.registry.others.map(({ name }) => this.space(name).deleteExpired(before)),
    )
    for (const each of swept) if (each.status === 'rejected') throw each.reason
  }

  /** A space by its name; it is opened by the first call. */
  space(name: string): VectorSpace {
    return this.#removerOf(name).space
  }

  /**
   * Removes what deletions of dead writers left in other spaces. Intents of documents that are there stay, for a
   * store of that model to project.
   */
  async recoverDeletions(): Promise<void> {
    const { leases, registry } = this.#options
    if (registry.others.length === 0) return
    const alive = await leases.others()
    const isLeft = ({ version, failure }: Intent): boolean => {
      const writer = versionWriter(version)
      return failure === undefined && (writer === leases.writer || (alive.get(writer) ?? 0) <= leases.now())
    }
    for (const { name } of registry.others) {
      for await (const { intents } of recoverableIntents({ ...this.#options, space: name })) {
        // What is being tried again is owned.
        await this.#recover(
          name,
          intents.filter((intent) => isLeft(intent) && this.#options.outbox.ownerOf(intent) === undefined),
        )
      }
    }
  }

  /** Drops a space: its points, its record and its intents. */
  async drop(name: string): Promise<void> {
    const { kv, registry } = this.#options
    const space = this.space(name)
    this.#dropping = registry.others.find((record) => record.name === name)
    // From then on nothing opens it again: what was to be removed from it is settled without.
    await registry
      .drop(name, async () => {
        await space.drop()
        await kv.deleteSpace(name)
      })
      .finally(() => {
        this.#dropping = undefined
      })
    for await (const { intents } of recoverableIntents({ ...this.#options, space: name }))
      await kv.removeIntents(intents)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#removers.values()].map((remover) => remover.close()))
  }

  async #recover(space: string, intents: readonly Intent[]): Promise<void> {
    const { kv, outbox } = this.#options
    const remover = this.#removerOf(space)
    const { prefixes, documents } = groupIntents(intents)
    for (const intent of prefixes) {
      await kv.deletePrefix(intent.namespace, intent.version)
      remover.prefixes.project(outbox.accept(claimOf([intent], { isConfirmed: true })))
    }
    const groups = [...documents.values()]
    const rows = await kv.get(groups.map(([first]) => first as Intent))
    const now = Date.now()
    groups.forEach((same, i) => {
      if (liveRow(rows[i], now) !== undefined) return
      // The write may have yet to arrive, so that its intents stay until it no longer can.
      const entry = outbox.accept(claimOf(same, { isConfirmed: false }))
      remover.add({ entry, upTo: entry.version, fences: [] })
    })
    outbox.drain()
  }

  #removerOf(name: string): SpaceRemover {
    const known = this.#removers.get(name)
    if (known !== undefined) return known
    const { vectors, registry, counters, signal } = this.#options
    const recordOf = (): SpaceRecord | undefined => registry.others.find((each) => each.name === name)
    const exists = (): boolean => recordOf() !== undefined
    const open = async (): Promise<VectorSpace> => {
      const record = recordOf() ?? (this.#dropping?.name === name ? this.#dropping : undefined)
      if (record === undefined) throw new StoreError('INDEX_FAILED', `There is no space ${name}`, { retryable: true })
      const { dimensions, metric } = record
      const opened = await vectors.open({ name, dimensions, metric, filterable: {} }, { signal }).catch((error) => {
        throw toStoreError(error, 'INDEX_FAILED', `Opening space ${name} failed`)
      })
      return reliableSpace(opened, vectors, counters, signal)
    }
    const remover = new SpaceRemover({ ...this.#options, spaceName: name, open, exists, limits: vectors.limits })
    this.#removers.set(name, remover)
    return remover
  }
}
