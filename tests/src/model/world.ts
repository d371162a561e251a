import type { DocumentRef, Receipt, Store, Version } from '@tandemstore/core'
import { StoreError } from '@tandemstore/core'
import { refId } from '@tandemstore/core/adapter'
import { type Behaviour, fail, loseAnswer, type Script } from '@tandemstore/testkit'
import { expect, vi } from 'vitest'
import { fields, type Process, type Rig } from '../rig.ts'
import { type Action, type Fault, words } from './actions.ts'
import { type Content, documentOf, Model } from './model.ts'

/** A store, what is known of it, and what is still on its way to its databases. */
export class World {
  readonly model = new Model()
  readonly #rig: Rig
  #process: Process
  #late: (() => Promise<void>)[] = []
  #epoch = 0
  /** Whether words are searched; absent where the index has none. */
  #keywords: boolean | undefined
  /** Whether documents may have been indexed in another way. */
  #hasToggled = false

  private constructor(rig: Rig, process: Process, keywords: boolean | undefined) {
    this.#rig = rig
    this.#process = process
    this.#keywords = keywords
  }

  /** `keywords`: whether the store begins with words; absent for a world without. */
  static async begin(rig: Rig, keywords?: boolean): Promise<World> {
    return new World(rig, await World.#start(rig, keywords), keywords)
  }

  static async #start(rig: Rig, keywords: boolean | undefined): Promise<Process> {
    const index = keywords ? { fields, keywords } : { fields }
    const process = await rig.start({ leaseMs: 100, settleMs: 60_000, embedding: { retries: 1 }, index })
    for (const event of ['indexFailed', 'backgroundError'] as const) process.store.on(event, () => {})
    return process
  }

  /** Does one thing, and compares what can be seen with the model. */
  async step(action: Action): Promise<void> {
    if (process.env.TANDEM_LOG) console.log(JSON.stringify(action))
    await this.#perform(action)
    await this.#observe()
  }

  /** Lets everything come to rest, after which the index has to be exactly what the documents ask for. */
  async settle(): Promise<void> {
    await this.#land()
    this.#epoch += 1
    // Past every lease, and past the time in which a write of unknown outcome may still arrive.
    vi.setSystemTime(Date.now() + 61_000)
    const { store } = this.#process
    // It tells of failures for good, which are tried again after it.
    await store.flush().catch(expectInjected)
    await store.recover({ retryFailed: true })
    await store.flush()
    await this.#observe()
    if (this.#hasToggled) await store.verify({ repair: true })
    await this.#rig.expectInTandem()
    await this.#expectWords()
    expect(await this.#rig.raw.intents()).toEqual([])
    expect(await store.verify()).toMatchObject({ missing: 0, stale: 0, orphaned: 0 })
    await this.#expectHonestSearch()
  }

  async #perform(action: Action): Promise<void> {
    const { store } = this.#process
    switch (action.do) {
      case 'together':
        await Promise.all(action.actions.map((each) => this.#perform(each)))
        return
      case 'read':
        // A database that waits by itself is asked once.
        await store.get(action.ref.namespace, action.ref.key, { refreshTtl: action.refreshTtl }).catch(expectInjected)
        return
      case 'search':
        await this.#expectHonestSearch().catch(expectInjected)
        return
      case 'pass':
        vi.setSystemTime(Date.now() + action.ms)
        return
      case 'flush':
        await store.flush().catch(expectInjected)
        return
      case 'recover':
        await store.recover().catch(expectInjected)
        return
      case 'reopen':
        await this.#land()
        await store.close()
        // What is still on its way is lost with the connection.
        this.#late = []
        if (action.toggles && this.#keywords !== undefined) {
          this.#keywords = !this.#keywords
          this.#hasToggled = true
        }
        this.#process = await World.#start(this.#rig, this.#keywords)
        return
      case 'crash': {
        for (const each of action.actions) void this.#perform(each).catch(() => {})
        for (let turn = 0; turn < action.turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
        this.#process.crash()
        // Of what had begun anything may have happened.
        for (const each of action.actions) this.#recordUnknown(each)
        this.#process = await World.#start(this.#rig, this.#keywords)
        return
      }
      case 'fault':
        this.#arm(action.fault)
        return
      case 'land':
        await this.#land()
        return
      default:
        await this.#write(store, action)
    }
  }

  async #write(store: Store, action: Action): Promise<void> {
    switch (action.do) {
      case 'put': {
        const { ref, content, sync, condition } = action
        const known = this.model.known(ref).settled?.version
        const ifVersion =
          condition === 'version' ? known : condition === 'stale' ? '0000000000000001-00000000000a' : undefined
        const options = { ...directives(content), sync, ifAbsent: condition === 'absent', ifVersion }
        await this.#attempt([{ ref, content }], () => store.put(ref.namespace, ref.key, documentOf(content), options))
        return
      }
      case 'putMany': {
        const documents = action.items.map(({ ref, content }) => ({
          ...ref,
          value: documentOf(content),
          ...directives(content),
        }))
        const result = await store.putMany(documents, { sync: action.sync })
        for (const { error } of result.failed) expectInjected(error)
        // It says how many were written, not of which version.
        for (const item of action.items) this.model.record({ ...item, version: undefined })
        return
      }
      case 'delete': {
        const { ref, condition } = action
        const ifVersion = condition === 'version' ? this.model.known(ref).settled?.version : undefined
        await this.#attempt([{ ref, content: undefined }], () => store.delete(ref.namespace, ref.key, { ifVersion }))
        return
      }
      case 'deleteMany': {
        const result = await store.deleteMany(action.refs)
        for (const { error } of result.failed) expectInjected(error)
        for (const ref of action.refs) this.model.record({ ref, content: undefined, version: undefined })
        return
      }
      case 'deleteNamespace':
        await this.#attempt(
          this.model.under(action.prefix).map((ref) => ({ ref, content: undefined })),
          () => store.deleteNamespace(action.prefix),
        )
        return
    }
  }

  /** Makes a write, and records what its answer says. */
  async #attempt(
    documents: readonly { readonly ref: DocumentRef; readonly content: Content | undefined }[],
    write: () => Promise<Receipt>,
  ): Promise<void> {
    try {
      const { version } = await write()
      for (const document of documents) this.model.record({ ...document, version })
    } catch (error) {
      const conflict = StoreError.isInstance(error) && error.code === 'CONFLICT'
      // A deletion whose answer was lost meets its own effect when it is made again: the document is gone.
      if (conflict && documents.every(({ content }) => content !== undefined)) return
      if (!conflict) expectInjected(error)
      for (const document of documents) this.model.record({ ...document, version: undefined })
    }
  }

  #recordUnknown(action: Action): void {
    switch (action.do) {
      case 'put':
        this.model.record({ ...action, version: undefined })
        return
      case 'putMany':
        for (const item of action.items) this.model.record({ ...item, version: undefined })
        return
      case 'delete':
        this.model.record({ ref: action.ref, content: undefined, version: undefined })
        return
      case 'deleteMany':
        for (const ref of action.refs) this.model.record({ ref, content: undefined, version: undefined })
        return
      case 'deleteNamespace':
        for (const ref of this.model.under(action.prefix))
          this.model.record({ ref, content: undefined, version: undefined })
    }
  }

  #arm({ at, method, kind }: Fault): void {
    const script = this.#process[at] as unknown as Script<Record<string, () => unknown>>
    const epoch = this.#epoch
    /** Fails, unless the time of faults is over. */
    const arm = (behaviour: Behaviour): void =>
      script.on(method, (call) => (this.#epoch === epoch ? behaviour(call) : call.proceed()))
    switch (kind) {
      case 'late':
      case 'echo':
        arm((call) => {
          this.#late.push(async () => void (await call.proceed(call.args.with(-1, {}))))
          throw injected(kind === 'echo')
        })
        return
      case 'down':
        for (let attempt = 0; attempt < 4; attempt += 1) arm(fail(injected(true)))
        return
      case 'after':
      case 'lost':
        arm(loseAnswer(injected(kind === 'lost')))
        return
      default:
        arm(fail(injected(kind === 'passing')))
    }
  }

  async #land(): Promise<void> {
    for (const land of this.#late.splice(0)) await land()
  }

  /** The database holds nothing that was not written, and nothing older than what was acknowledged. */
  async #observe(): Promise<void> {
    const rows = new Map((await this.#rig.raw.rows()).map((row) => [refId(row), row]))
    const now = Date.now()
    const wrong = [...this.model.refs].map(([id, ref]) => this.model.observe(ref, rows.get(id), now))
    expect(wrong.filter((each) => each !== undefined)).toEqual([])
    for (const row of rows.values()) expect(this.model.refs.has(refId(row)), `${row.key} was never written`).toBe(true)
  }

  /** The words in the index are exactly those of the documents; none in a store without words. */
  async #expectWords(): Promise<void> {
    if (this.#keywords === undefined) return
    if (this.#keywords) await this.#rig.expectWordsInTandem(words)
    else for (const word of words) expect(await this.#rig.raw.holders(word), word).toEqual([])
  }

  /** A search gives only documents that are in the database while it searches, as they are, and none that has expired. */
  async #expectHonestSearch(): Promise<void> {
    const { store } = this.#process
    const before = await this.#rig.raw.rows()
    const vector = new Array<number>(64).fill(1)
    const hits = await store.search([], { vector, limit: 1000 })
    if (this.#keywords) {
      hits.push(...(await store.search([], { query: 'red', mode: 'keyword', limit: 1000 })))
      hits.push(...(await store.search([], { query: 'red', vector, limit: 1000 })))
    }
    // Recovery in the background may delete what a writer that died has left to be deleted.
    const rows = new Map([...before, ...(await this.#rig.raw.rows())].map((row) => [nameOf(row), row]))
    for (const { document } of hits) {
      const row = rows.get(nameOf(document))
      expect(row, `${nameOf(document)} was found, and is not there`).toBeDefined()
      expect(document.value).toEqual(JSON.parse(row?.value ?? 'null'))
      expect(row?.expiresAt ?? Number.POSITIVE_INFINITY).toBeGreaterThan(Date.now())
    }
  }
}

function nameOf({ namespace, key, version }: DocumentRef & { readonly version: Version }): string {
  return JSON.stringify([...namespace, key, version])
}

function directives({ index, ttlMs }: Content): { index?: false | readonly string[]; ttlMs?: number } {
  return { ...(index === undefined ? {} : { index }), ...(ttlMs === undefined ? {} : { ttlMs }) }
}

const INJECTED = 'made to fail'

/** Retryable: of a code with which every adapter is asked again at once, whatever it declares. */
function injected(retryable: boolean): StoreError {
  return retryable
    ? new StoreError('TIMEOUT', INJECTED)
    : new StoreError('INDEX_FAILED', INJECTED, { retryable: false })
}

/** Nothing fails but what was made to. */
function expectInjected(error: unknown): void {
  if (error instanceof Error && error.message.includes(INJECTED)) return
  throw error
}
