import { isBuiltin } from 'node:module'
import { totalmem } from 'node:os'
import { invalid, type KVBackend, StoreError, type VectorIndex } from '@tandemstore/core/adapter'
import { createConnection } from './connection.js'
import { toFilePath } from './file-path.js'
import { createKVBackend } from './kv/backend.js'
import { createVectorIndex } from './vectors/vector-index.js'

export interface SqliteOptions {
  /**
   * The file: a path or a `file:` URL. It is created if it does not exist, readable by its owner only; its directory
   * must exist. `:memory:` keeps everything in memory until the last handle is closed.
   */
  readonly path: string | URL
  /**
   * `normal` (default): a write survives the end of the process; a power cut may take the last writes, never the file.
   * `full`: each write is on disk when it is acknowledged.
   */
  readonly synchronous?: 'normal' | 'full' | undefined
  /** How long to wait for another process that is writing, milliseconds, before UNAVAILABLE. Default 5000. */
  readonly busyTimeoutMs?: number | undefined
  /**
   * `exact` (default): a search finds what a comparison with every vector finds. `approximate`: by cosine, among
   * 20,000 points and more, and without prefix or filter, it looks at the sixteenth of the points where the nearest
   * most likely are, and may miss some.
   */
  readonly search?: 'exact' | 'approximate' | undefined
  /**
   * For what makes searches fast: packed copies of vectors, 420 bytes for one of 384 dimensions, and the index of words,
   * 12 bytes for each word of a text. What does not fit is searched by SQL.
   */
  readonly memory?:
    | {
        /**
         * The most that these take together. Default: a quarter of the machine's memory, at most 1 GiB. 0: none.
         */
        readonly maxBytes?: number | undefined
      }
    | undefined
}

const optionNames = ['path', 'synchronous', 'busyTimeoutMs', 'search', 'memory']
const MAX_DEFAULT_BYTES = 1024 ** 3

/**
 * A KVBackend and a VectorIndex in one SQLite file. The database is worked by one thread of its own, started when the
 * first collection or space is opened and ended when the last is closed.
 */
export function sqlite(options: SqliteOptions): { readonly kv: KVBackend; readonly vectors: VectorIndex } {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'an object with the path of the file')
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name))
  if (unknown !== undefined) throw invalid(unknown, `one of the options ${optionNames.join(', ')}`)
  const { path, synchronous = 'normal', busyTimeoutMs = 5000, search = 'exact', memory = {} } = options
  const file = toFilePath(path)
  if (synchronous !== 'normal' && synchronous !== 'full') throw invalid('synchronous', "'normal' or 'full'")
  if (typeof busyTimeoutMs !== 'number' || !(busyTimeoutMs >= 0)) throw invalid('busyTimeoutMs', 'a number from 0')
  if (search !== 'exact' && search !== 'approximate') throw invalid('search', "'exact' or 'approximate'")
  const maxBytes = checkMemory(memory)
  if (!isBuiltin('node:sqlite')) {
    throw new StoreError(
      'CONFIGURATION',
      `node:sqlite is needed, of Node.js 22.19 or later; this is ${process.version}`,
    )
  }
  const connection = createConnection({
    path: file,
    synchronous,
    busyTimeoutMs,
    maxBytes,
    search,
  })
  return { kv: createKVBackend(connection), vectors: createVectorIndex(connection, search === 'exact') }
}

function checkMemory(memory: unknown): number {
  if (typeof memory !== 'object' || memory === null)
    throw invalid('memory', 'an object such as { maxBytes: 500_000_000 }')
  const unknown = Object.keys(memory).find((name) => name !== 'maxBytes')
  if (unknown !== undefined) throw invalid(`memory.${unknown}`, 'maxBytes, and nothing else')
  const { maxBytes = defaultMaxBytes() } = memory as { readonly maxBytes?: unknown }
  if (typeof maxBytes !== 'number' || !(maxBytes >= 0)) throw invalid('memory.maxBytes', 'a number from 0')
  return maxBytes
}

function defaultMaxBytes(): number {
  // 0, or larger than the machine, where a container sets no limit. Not every runtime has it.
  const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY
  return Math.min(totalmem() / 4, limit / 4, MAX_DEFAULT_BYTES)
}
