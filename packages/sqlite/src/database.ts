import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { StoreError } from '@tandemstore/core/adapter'
import { getLoadablePath } from 'sqlite-vec'
import { IN_MEMORY } from './file-path.js'
import { migrate } from './schema.js'
import type { Statements } from './statements.js'
import { SpaceCopies } from './vectors/space-copies.js'
import type { WorkerOptions } from './worker-options.js'

/** Statements kept prepared. Filters make their own texts, so that there must be a bound. */
const MAX_STATEMENTS = 256
/** Vectors of some hundred dimensions leave little of a page unused at this size. Holds for new files only. */
const PAGE_BYTES = 8192
const CACHE_KIBIBYTES = 65_536
/**
 * After so many pages the write-ahead log is written back: 32 MiB, so that a bulk load does not wait for the disk at
 * every few batches.
 */
const CHECKPOINT_PAGES = 4096
/** What is left of a write-ahead log after it has been written back. */
const MAX_WAL_BYTES = 64 * 1024 * 1024

/** The one connection of the worker. */
export interface Database extends Statements {
  /** Opens the file if it is not open. */
  connect(): void
  disconnect(): void
  /** What searches by vector keep in memory. */
  readonly copies: SpaceCopies
  /**
   * Does something when the open transaction is committed, and never if it is rolled back. At once where none is
   * open.
   */
  afterCommit(body: () => void): void
  /** Runs `body` in a transaction that either takes effect as a whole or not at all. */
  transaction<T>(mode: OperationMode, body: () => T): T
}

/** What a transaction is begun for; `none` is without one. */
export type OperationMode = 'read' | 'write' | 'none'

export type DatabaseOptions = Pick<WorkerOptions, 'path' | 'synchronous' | 'maxBytes' | 'search'>

export function createDatabase(options: DatabaseOptions): Database {
  let handle: DatabaseSync | undefined
  const statements = new Map<string, StatementSync>()
  const copies = new SpaceCopies(options.maxBytes, options.search === 'approximate')
  let committed: (() => void)[] = []

  const opened = (): DatabaseSync => {
    if (handle === undefined) throw new StoreError('CLOSED', 'The database is not open')
    return handle
  }
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const made = opened().prepare(sql)
    statements.set(sql, made)
    // The first is the oldest. One that is still in use is prepared again when it is next asked for.
    const oldest = statements.keys().next().value
    if (statements.size > MAX_STATEMENTS && oldest !== undefined) statements.delete(oldest)
    return made
  }
  return {
    connect() {
      handle ??= open(options)
    },
    disconnect() {
      statements.clear()
      copies.clear()
      handle?.close()
      handle = undefined
    },
    prepare,
    copies,
    afterCommit(body) {
      if (handle?.isTransaction === true) committed.push(body)
      else body()
    },
    transaction(mode, body) {
      if (mode === 'none') return body()
      prepare(mode === 'write' ? 'BEGIN IMMEDIATE' : 'BEGIN').run()
      committed = []
      let result: ReturnType<typeof body>
      try {
        result = body()
        prepare('COMMIT').run()
      } catch (error) {
        // Some errors, such as a full disk, have already rolled back.
        if (opened().isTransaction) prepare('ROLLBACK').run()
        throw error
      }
      for (const each of committed) each()
      return result
    },
  }
}

function open({ path, synchronous }: DatabaseOptions): DatabaseSync {
  if (path !== IN_MEMORY) createPrivately(path)
  // No busy timeout of SQLite's own: it would block the thread, and an abort would not be seen.
  const handle = new DatabaseSync(path, { allowExtension: true, timeout: 0 })
  try {
    loadVectorFunctions(handle)
    handle.exec(`
      PRAGMA page_size = ${PAGE_BYTES};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${synchronous};
      PRAGMA cache_size = -${CACHE_KIBIBYTES};
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      PRAGMA journal_size_limit = ${MAX_WAL_BYTES};
      PRAGMA temp_store = MEMORY;
    `)
    migrate(handle)
    return handle
  } catch (error) {
    handle.close()
    throw error
  }
}

/**
 * Creates a file that only its owner can read. SQLite gives the WAL and its index (-wal, -shm) the mode of the file.
 */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch {
    // It exists and keeps its mode, or it cannot be created, and SQLite says why.
  }
}

function loadVectorFunctions(handle: DatabaseSync): void {
  if (typeof handle.loadExtension !== 'function') {
    throw new StoreError(
      'CONFIGURATION',
      'node:sqlite of this runtime cannot load extensions, and sqlite-vec is one: run on Node.js 22.19 or later',
    )
  }
  try {
    handle.loadExtension(getLoadablePath())
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError(
      'CONFIGURATION',
      `The sqlite-vec extension cannot be loaded: ${reason} (Deno needs --allow-ffi; sqlite-vec must not be bundled)`,
      { cause },
    )
  }
  // Deno does not have it.
  handle.enableLoadExtension?.(false)
}
