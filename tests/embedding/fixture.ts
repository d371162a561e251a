import { createStore, type Store, type StoreOptions } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { type EmbeddingServer, type EmbeddingServerOptions, startEmbeddingServer } from '@tandemstore/testkit/services'
import { afterEach, beforeEach, vi } from 'vitest'
import { tapWire, type Wire } from './wire.ts'

/** A server, a wire to it, and stores on databases in memory; a new set for each test. */
export interface Fixture {
  readonly server: EmbeddingServer
  readonly wire: Wire
  /** Opens a store on the databases of the test, whose documents are embedded by their `text`. It is closed after the test. */
  open(embedder: Embedder, options?: Partial<StoreOptions>): Promise<Store>
}

export function useEmbeddingServer(options: EmbeddingServerOptions = {}): Fixture {
  let current: Fixture | undefined
  let stores: Store[] = []
  beforeEach(async () => {
    const server = await startEmbeddingServer(options)
    const databases = { kv: memoryKV({ now: () => Date.now() }), vectors: memoryIndex() }
    current = {
      server,
      wire: tapWire(server),
      async open(embedder, more = {}) {
        const store = await createStore({
          collection: 'docs',
          ...databases,
          embedder,
          index: { fields: ['text'] },
          ...more,
        })
        stores.push(store)
        return store
      },
    }
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    for (const store of stores) await store.close()
    stores = []
    await current?.server.close()
  })
  const part = (): Fixture => {
    if (current === undefined) throw new Error('The server is there while a test runs')
    return current
  }
  return {
    get server() {
      return part().server
    },
    get wire() {
      return part().wire
    },
    open: (embedder, more) => part().open(embedder, more),
  }
}

/** Documents `0` to `count - 1` in one namespace. */
export function notes(count: number, textOf: (i: number) => string = (i) => `note ${i}`) {
  return Array.from({ length: count }, (_, i) => ({ namespace: ['notes'], key: `${i}`, value: { text: textOf(i) } }))
}

/** One of OpenAI's models, with short vectors, which are quick to compare. */
export const small = { model: 'text-embedding-3-small', dimensions: 16 } as const
