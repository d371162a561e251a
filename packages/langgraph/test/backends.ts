import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { sqlite } from '@tandemstore/sqlite'
import { type FakeEmbedder, fakeEmbedder } from '@tandemstore/testkit'
import { type ComposedOptions, TandemStore } from '../src/index.js'

/** Databases of a store; each collection is one of its own. */
export interface Backend {
  readonly databases: () => Promise<Pick<ComposedOptions, 'kv' | 'vectors'>>
  readonly cleanup?: () => Promise<void>
}

export const inMemory: Backend = { databases: async () => ({ kv: memoryKV(), vectors: memoryIndex() }) }

export async function inSqlite(): Promise<Backend> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-langgraph-'))
  let files = 0
  return {
    databases: async () => {
      files += 1
      return sqlite({ path: join(folder, `${files}.sqlite`) })
    },
    cleanup: () => rm(folder, { recursive: true }),
  }
}

export interface Opened {
  readonly store: TandemStore
  readonly embedder: FakeEmbedder
}

let collections = 0

/** A store of its own collection, whose items are searched by their `text`. */
export async function openStore(backend: Backend, options: Partial<ComposedOptions> = {}): Promise<Opened> {
  const embedder = fakeEmbedder()
  collections += 1
  const store = new TandemStore({
    collection: `t${process.pid}_${collections}`,
    ...(await backend.databases()),
    index: { dims: embedder.dimensions, embeddings: embedder, fields: ['text'] },
    ...options,
  } as ComposedOptions)
  return { store, embedder }
}

export const keysOf = (items: readonly { readonly key: string }[]): string[] => items.map(({ key }) => key)
