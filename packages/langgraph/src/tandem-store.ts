import {
  BaseStore,
  type Item,
  type Operation,
  type OperationResults,
  type SearchItem,
  validateNamespace,
} from '@langchain/langgraph-checkpoint'
import { createStore, type Store } from '@tandemstore/core'
import { invalid, StoreError } from '@tandemstore/core/adapter'
import { planBatch, runBatch } from './batch.js'
import type { Get, Put, PutExtras, ReadExtras, Search } from './operations.js'
import { resolveSettings, type Settings, type TandemStoreOptions, toStoreOptions } from './options.js'
import { UnsettledWrites } from './unsettled-writes.js'

/** LangGraph lets what is not put through `put` have the root `langgraph`, and search everything. */
const forReading = { allowEmpty: true, allowReservedRoot: true }

interface Opened {
  readonly store: Store
  readonly unsettled: UnsettledWrites
}

/** The store of a LangGraph application, on Tandem. */
export class TandemStore extends BaseStore {
  readonly #options: TandemStoreOptions
  readonly #settings: Settings
  #opening: Promise<Opened> | undefined
  #isStopped = false

  /** Opens nothing yet. @throws StoreError INVALID_ARGUMENT */
  constructor(options: TandemStoreOptions) {
    super()
    this.#settings = resolveSettings(options)
    if (options.store === undefined) {
      // Wrong options are told here, and not by the first operation.
      toStoreOptions(options)
    } else {
      if (typeof options.store?.putMany !== 'function') throw invalid('store', 'a store that createStore() gave')
      checkNames(options, ['store', 'ttl', 'unindexed', 'visibility'], '')
    }
    this.#options = options
  }

  /**
   * Does operations in their order; each sees what those before it did. Neighbouring puts are written together,
   * neighbouring reads go side by side. It is no transaction: what was written before an error stays.
   *
   * @throws InvalidNamespaceError, StoreError
   */
  override async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    const plan = planBatch(operations, this.#settings)
    const { store, unsettled } = await this.#open()
    const results = await runBatch(store, this.#settings, plan, unsettled)
    return results as OperationResults<Op>
  }

  /** The item, or null. */
  override async get(namespace: string[], key: string, options: ReadExtras = {}): Promise<Item | null> {
    validateNamespace(namespace, forReading)
    checkNames(options, ['refreshTTL'])
    const [item] = await this.batch<[Get]>([{ namespace, key, ...options }])
    return item
  }

  /**
   * With a query the items nearest to it, best first; without one, or in a store without an index, those under the
   * prefix in the order of namespace and key.
   */
  override async search(
    namespacePrefix: string[],
    options: Omit<Search, 'namespacePrefix'> = {},
  ): Promise<SearchItem[]> {
    validateNamespace(namespacePrefix, forReading)
    checkNames(options, ['filter', 'limit', 'offset', 'query', 'refreshTTL'])
    const [items] = await this.batch<[Search]>([{ namespacePrefix, ...options }])
    return items
  }

  /**
   * Stores an item; `index: false` gives it no vector, a list of paths takes these texts instead of those of the
   * store.
   */
  override async put(
    namespace: string[],
    key: string,
    // biome-ignore lint/suspicious/noExplicitAny: as in BaseStore, so that values of an interface are taken
    value: Record<string, any>,
    index?: false | string[],
    options: PutExtras = {},
  ): Promise<void> {
    validateNamespace(namespace)
    checkNames(options, ['ttl'])
    await this.batch<[Put]>([{ namespace, key, value, ...(index === undefined ? {} : { index }), ...options }])
  }

  /** Opens the databases. The first operation does it too; this tells early what is wrong. */
  override async start(): Promise<void> {
    await this.#open()
  }

  /** Waits for what is under way and closes what this store opened. Later operations are refused with CLOSED. */
  override async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#options.store !== undefined) return
    const opened = await this.#opening?.catch(() => undefined)
    await opened?.store.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** The Tandem store below, opened: for `verify()`, `stats()`, events, conditional writes. */
  async tandem(): Promise<Store> {
    return (await this.#open()).store
  }

  async #open(): Promise<Opened> {
    if (this.#isStopped) throw new StoreError('CLOSED', 'The store is stopped')
    // One that failed is tried again by the next operation.
    this.#opening ??= this.#opened().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #opened(): Promise<Opened> {
    const store = this.#options.store ?? (await createStore(toStoreOptions(this.#options)))
    return { store, unsettled: new UnsettledWrites(store, this.#settings) }
  }
}

/** An option of another store, such as `mode`, would be left undone without a word. */
function checkNames(options: object, known: readonly string[], at = 'options.'): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) throw invalid(`${at}${unknown}`, `one of ${known.join(', ')}`)
}
