import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { lruCache } from '@tandemstore/cache-lru'
import { createStore, type Store } from '@tandemstore/core'
import { local } from '@tandemstore/embed-local'
import { sqlite } from '@tandemstore/sqlite'
import { dataFolder } from './data-folder.js'

/** Where the memories of a user are kept who has said nothing else. */
export function defaultPath(): string {
  return join(dataFolder(), 'memory.sqlite')
}

/**
 * Opens the store that needs no configuration: one SQLite file, made if it is not there, and the embedder in this
 * process. Several processes may have it open.
 */
export async function openDefaultStore({
  path = defaultPath(),
}: {
  readonly path?: string | undefined
} = {}): Promise<Store> {
  const file = resolve(path)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  return await createStore({
    collection: 'memories',
    ...sqlite({ path: file }),
    embedder: local(),
    cache: lruCache({ maxEntries: 10_000 }),
    index: { fields: ['title', 'text'], filterable: { tags: 'keyword' }, keywords: true },
  })
}
