import { createStore, type Store, type StoreOptions } from '@tandemstore/core'
import type { Embedder, KVCollection, VectorSpace } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Backend } from './backends.ts'
import { testEmbedder } from './embedder.ts'
import { actualPoints, expectedPoints, inOrder, openRaw, type Raw } from './raw.ts'
import { type Script, scripted, scriptOf } from './script.ts'

export type RigOptions = Omit<Partial<StoreOptions>, 'kv' | 'vectors' | 'embedder' | 'collection'> & {
  readonly embedder?: Embedder
}

/** A store with a script before each of its databases, as the process would see them that runs it. */
export interface Process {
  readonly store: Store
  readonly kv: Script<KVCollection>
  readonly vectors: Script<VectorSpace>
  readonly embedder: Script<Embedder>
  /** The process dies: what it has asked for may have been done or not, and it does nothing more. */
  crash(): void
}

/** Databases, and stores that are opened on them one after the other or side by side. */
export interface Rig {
  readonly backend: Backend
  readonly collection: string
  readonly raw: Raw
  start(options?: RigOptions): Promise<Process>
  /** Expects the index to hold exactly the points of the documents that are in the KV. */
  expectInTandem(fields?: readonly string[], space?: string): Promise<void>
  /** Closes all stores and handles; the backend stays. */
  end(): Promise<void>
}

let collections = 0

/** The fields that the stores of a rig index, where nothing else is said. */
export const fields = ['title', 'body'] as const

export async function makeRig(backend: Backend, defaults: RigOptions = {}): Promise<Rig> {
  collections += 1
  const collection = `c${collections}`
  const opened: { close(): Promise<unknown> }[] = []
  const processes: { readonly store: Store; crashed: boolean }[] = []
  const raw = await openRaw(backend, collection)

  const start = async (options: RigOptions = {}): Promise<Process> => {
    const all = { ...defaults, ...options }
    const kv = scriptOf<KVCollection>()
    const vectors = scriptOf<VectorSpace>()
    const { adapter, script } = scripted<Embedder>(all.embedder ?? testEmbedder())
    const keep = <T extends { close(): Promise<unknown> }>(handle: T): T => {
      opened.push(handle)
      return handle
    }
    const store = await createStore({
      index: { fields },
      leaseMs: 1000,
      ...all,
      collection,
      kv: { ...backend.kv, open: async (name, call) => kv.wrap(keep(await backend.kv.open(name, call))) },
      vectors: {
        ...backend.vectors,
        open: async (space, call) => vectors.wrap(keep(await backend.vectors.open(space, call))),
      },
      embedder: adapter,
    })
    const process = { store, crashed: false }
    processes.push(process)
    return {
      store,
      kv: kv.script,
      vectors: vectors.script,
      embedder: script,
      crash: () => {
        process.crashed = true
        kv.script.cut()
        vectors.script.cut()
        script.cut()
      },
    }
  }
  return {
    backend,
    collection,
    raw,
    start,
    async expectInTandem(indexed = fields, space) {
      const [rows, points] = [await raw.rows(), await raw.points(space)]
      expect(inOrder(actualPoints(points))).toEqual(inOrder(expectedPoints(rows, indexed)))
    },
    async end() {
      for (const { store, crashed } of processes) if (!crashed) await store.close({ timeoutMs: 5000 })
      for (const handle of opened) await handle.close()
      await raw.close()
    },
  }
}
