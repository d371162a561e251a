import { createStore, type Store, type StoreOptions } from '@tandemstore/core'
import type { Embedder, KVBackend, VectorIndex } from '@tandemstore/core/adapter'
import { fakeEmbedder, type Script, script } from '@tandemstore/testkit'
import { expect } from 'vitest'
import type { Backend } from './backends.ts'
import { crashable } from './crashable.ts'
import { freshWords, linesOf } from './fresh-words.ts'
import { actualPoints, expectedPoints, inOrder, openRaw, type Raw } from './raw.ts'

export type RigOptions = Omit<Partial<StoreOptions>, 'kv' | 'vectors' | 'embedder' | 'collection'> & {
  readonly embedder?: Embedder
}

/** A store as a process runs it, with a script in front of each port. */
export interface Process {
  readonly store: Store
  readonly kv: Script<KVBackend>
  readonly vectors: Script<VectorIndex>
  readonly embedder: Script<Embedder>
  /** The process dies. Calls that are under way may take effect or not; nothing else happens. */
  crash(): void
}

/** Databases, and stores that are opened on them one after the other or side by side. */
export interface Rig {
  readonly collection: string
  readonly raw: Raw
  start(options?: RigOptions): Promise<Process>
  /** A store of documents only. */
  startPlain(options?: RigOptions, kv?: KVBackend): Promise<Store>
  /** Expects the index to hold exactly the points of the documents that are in the KV. */
  expectInTandem(fields?: readonly string[], space?: string): Promise<void>
  /**
   * Expects each of these words to be held by exactly the documents that hold it, with the scores that they have in an
   * index that was never anything else: so no word of another text is left, and none is missing.
   */
  expectWordsInTandem(words: readonly string[]): Promise<void>
  /** Closes all stores and handles; the databases stay. */
  end(): Promise<void>
}

/** The fields that the stores of a rig index, where nothing else is said. */
export const fields = ['title', 'body'] as const

let collections = 0

/** Without a name the collection is a new one. */
export async function makeRig(
  backend: Pick<Backend, 'kv' | 'vectors'>,
  defaults: RigOptions = {},
  collection: string = `c${++collections}`,
): Promise<Rig> {
  const handles: { close(): Promise<void> }[] = []
  const alive = new Set<Store>()
  const raw = await openRaw(backend, collection)

  /** A crashed process closes nothing, so the rig does in the end. */
  const keeping = <Port extends KVBackend | VectorIndex>(port: Port): Port => {
    const open = async (...args: never[]): Promise<{ close(): Promise<void> }> => {
      const handle = await (port.open as (...args: never[]) => Promise<{ close(): Promise<void> }>)(...args)
      handles.push(handle)
      return handle
    }
    return { ...port, open }
  }

  const start = async (options: RigOptions = {}): Promise<Process> => {
    const all = { ...defaults, ...options }
    const kv = script(keeping(backend.kv))
    const vectors = script(keeping(backend.vectors))
    const embedder = script<Embedder>(all.embedder ?? fakeEmbedder())
    const ports = { kv: crashable(kv.port), vectors: crashable(vectors.port), embedder: crashable(embedder.port) }
    const store = await createStore({
      index: { fields },
      ...all,
      collection,
      kv: ports.kv.port,
      vectors: ports.vectors.port,
      embedder: ports.embedder.port,
    })
    alive.add(store)
    const crash = (): void => {
      alive.delete(store)
      for (const each of Object.values(ports)) each.crash()
    }
    return { store, kv, vectors, embedder, crash }
  }
  return {
    collection,
    raw,
    start,
    async startPlain(options = {}, kv = backend.kv) {
      const { embedder: _, ...rest } = { ...defaults, ...options }
      const store = await createStore({ ...rest, collection, kv: keeping(kv) })
      alive.add(store)
      return store
    },
    async expectInTandem(indexed = fields, space) {
      const [rows, points] = [await raw.rows(), await raw.points(space)]
      expect(inOrder(actualPoints(points))).toEqual(inOrder(expectedPoints(rows, indexed)))
    },
    async expectWordsInTandem(words) {
      const fresh = await freshWords(await raw.rows(), defaults.index ?? { fields, keywords: true })
      for (const word of words) expect(linesOf(await raw.holders(word)), word).toEqual(linesOf(await fresh(word)))
    },
    async end() {
      for (const store of alive) await store.close({ timeoutMs: 5000 })
      for (const handle of handles) await handle.close()
      await raw.close()
    },
  }
}
