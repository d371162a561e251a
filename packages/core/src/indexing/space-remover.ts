import { maxVersion } from '../document/version.js'
import { toStoreError } from '../errors.js'
import type { Entry } from '../outbox/entry.js'
import type { Version } from '../ports/common.js'
import type { Intent } from '../ports/kv-records.js'
import type { VectorLimits, VectorSpace } from '../ports/vector-index.js'
import type { DocumentPoints } from '../ports/vector-records.js'
import { Stage } from '../resilience/stage.js'
import { attemptFailed } from './failed-attempt.js'
import { lazySpace } from './lazy-space.js'
import { NOT_INDEXED } from './point-maker.js'
import { PrefixDeletions, type PrefixDeletionsOptions } from './prefix-deletions.js'

export interface SpaceRemoverOptions extends Omit<PrefixDeletionsOptions, 'space'> {
  readonly limits: VectorLimits
  open(): Promise<VectorSpace>
  /** Whether the collection still has this space. */
  exists(): boolean
}

/** A document whose points are to go. */
export interface Removal {
  readonly entry: Entry
  /** Points at or below this version go. */
  readonly upTo: Version
  /** Intents that go when they are gone, beside the entry's own. */
  readonly fences: readonly Intent[]
  /** Whether an attempt has failed. */
  readonly wasDelayed?: boolean
}

/** Removes points of documents from one space that this store does not search. Nobody waits for it but a flush. */
export class SpaceRemover {
  readonly space: VectorSpace
  readonly prefixes: PrefixDeletions
  readonly #options: SpaceRemoverOptions
  readonly #stage: Stage<Removal>
  readonly #close: () => Promise<void>

  constructor(options: SpaceRemoverOptions) {
    this.#options = options
    const { space, close } = lazySpace(() => options.open())
    this.space = space
    this.#close = close
    this.prefixes = new PrefixDeletions({ ...options, space })
    this.#stage = new Stage({
      concurrency: 1,
      maxWeight: options.limits.maxBatchSize,
      hold: { when: 'debounce', weight: options.limits.maxBatchSize, ms: 1000 },
      run: (batch) => this.#remove(batch),
    })
    options.outbox.onDrain(() => this.#stage.drain())
  }

  add(removal: Removal): void {
    this.#stage.add(removal)
    if (this.#options.outbox.isAwaited(removal.entry.sequence)) this.#stage.drain()
  }

  /** The document is new here: it has no points. */
  skip(entry: Entry): void {
    void this.#settle([{ entry, upTo: entry.version, fences: [] }])
  }

  async close(): Promise<void> {
    await this.#close()
  }

  async #remove(batch: readonly Removal[]): Promise<void> {
    if (!this.#options.exists()) {
      await this.#settle(batch)
      return
    }
    const documents = new Map<string, DocumentPoints>()
    for (const { entry, upTo } of batch) {
      const { namespace, key } = entry.ref
      const version = maxVersion(documents.get(entry.id)?.version ?? upTo, upTo)
      documents.set(entry.id, { namespace, key, version, values: {}, fingerprint: NOT_INDEXED, points: [] })
    }
    try {
      await this.space.replace([...documents.values()])
      const wasDelayed = batch.some((removal) => removal.wasDelayed)
      this.#options.retries.succeeded('databases', wasDelayed)
      await this.#settle(batch)
    } catch (cause) {
      const error = toStoreError(cause, 'INDEX_FAILED', 'Removing points of another model failed')
      const retry = (): void => {
        for (const removal of batch) this.add({ ...removal, wasDelayed: true })
      }
      const entries = batch.map(({ entry }) => entry)
      attemptFailed(entries, error, retry, this.#options)
    }
  }

  /** Removing up to the version is right whatever the KV holds, so nothing is read again. */
  async #settle(batch: readonly Removal[]): Promise<void> {
    const { settlement, spaceName } = this.#options
    const settled = batch.map(({ entry, fences }) => ({
      entries: [entry],
      fences,
      seen: entry.isConfirmed ? entry.version : undefined,
      lacksText: false,
    }))
    await settlement.projected(spaceName, settled, Date.now())
  }
}
