import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BaseStore, InMemoryStore } from '@langchain/langgraph-checkpoint'
import { PostgresStore } from '@langchain/langgraph-checkpoint-postgres/store'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { type ComposedOptions, TandemStore } from '@tandemstore/langgraph'
import { sqlite } from '@tandemstore/sqlite'
import { DIMENSIONS, SlowEmbeddings } from './embeddings.ts'

/** A store, new and empty, and the model that it embeds with. */
export interface Side {
  readonly store: BaseStore
  readonly embeddings: SlowEmbeddings
  close(): Promise<void>
}

const fields = ['text']
let opened = 0

function tandem(databases: Pick<ComposedOptions, 'kv' | 'vectors'>, cleanup: () => Promise<void>): Side {
  const embeddings = new SlowEmbeddings()
  const store = new TandemStore({
    collection: 'bench',
    ...databases,
    index: { dims: DIMENSIONS, embeddings, model: 'slow', fields },
  })
  return {
    store,
    embeddings,
    close: async () => {
      await store.stop()
      await cleanup()
    },
  }
}

export const makers = {
  async sqlite(): Promise<Side> {
    opened += 1
    const path = join(tmpdir(), `tandem-bench-${process.pid}-${opened}.sqlite`)
    return tandem(sqlite({ path }), async () => {
      for (const end of ['', '-wal', '-shm']) await rm(`${path}${end}`, { force: true })
    })
  },

  async memory(): Promise<Side> {
    return tandem({ kv: memoryKV(), vectors: memoryIndex() }, async () => {})
  },

  async inMemoryStore(): Promise<Side> {
    const embeddings = new SlowEmbeddings()
    const store = new InMemoryStore({ index: { dims: DIMENSIONS, embeddings, fields } })
    return { store, embeddings, close: async () => {} }
  },

  async postgresStore(url: string): Promise<Side> {
    const embeddings = new SlowEmbeddings()
    opened += 1
    const store = new PostgresStore({
      connectionOptions: url,
      schema: `bench_${opened}`,
      index: { dims: DIMENSIONS, embed: embeddings, fields },
    })
    return { store, embeddings, close: () => store.stop() }
  },
}
