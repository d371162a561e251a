import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KVBackend, VectorIndex } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { sqlite } from '@tandemstore/sqlite'
import { withIntentsInWrites } from './intents-with-writes.ts'

/** Two databases that outlive the stores opened on them. */
export interface Backend {
  readonly kv: KVBackend
  readonly vectors: VectorIndex
  cleanup(): Promise<void>
}

export interface BackendKind {
  readonly name: string
  /** Whether a write and its intents are one call, instead of the intents being added before. */
  readonly intentsWithWrites: boolean
  make(): Promise<Backend>
}

/** What every promise of the store is tested on. */
export const backendKinds: readonly BackendKind[] = [
  { name: 'memory', intentsWithWrites: false, make: async () => inMemory() },
  {
    name: 'memory, intents with writes',
    intentsWithWrites: true,
    async make() {
      const { kv, ...rest } = inMemory()
      return { kv: withIntentsInWrites(kv), ...rest }
    },
  },
  {
    name: 'sqlite',
    intentsWithWrites: false,
    async make() {
      const directory = await temporaryDirectory()
      return { ...sqlite({ path: join(directory.path, 'store.db') }), cleanup: directory.remove }
    },
  },
]

function inMemory(): Backend {
  return { kv: memoryKV({ now: () => Date.now() }), vectors: memoryIndex(), cleanup: async () => {} }
}

export async function temporaryDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'tandem-tests-'))
  return { path, remove: () => rm(path, { recursive: true }) }
}
