import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '@tandemstore/core/adapter'
import { IN_MEMORY, toFilePath } from './file-path.js'
import { APPLICATION_ID } from './schema.js'
import { suppressSqliteWarning } from './suppress-warning.js'

export async function loadSqlite(): Promise<typeof import('node:sqlite')> {
  suppressSqliteWarning()
  return import('node:sqlite')
}

/** Opens the file of a store in this thread, to read from it. CONFIGURATION for a file that is none. */
export async function openForReading(path: string | URL, busyTimeoutMs: number): Promise<DatabaseSync> {
  const file = toFilePath(path)
  if (file === IN_MEMORY || !existsSync(file)) throw noStore(`There is no file ${file}`)
  const { DatabaseSync } = await loadSqlite()
  let handle: DatabaseSync | undefined
  try {
    // Not as read-only: such a connection leaves -wal and -shm behind, and SQLite takes what it may not write for that.
    handle = new DatabaseSync(file, { timeout: busyTimeoutMs })
    if (handle.prepare('PRAGMA application_id').get()?.application_id === APPLICATION_ID) return handle
  } catch (cause) {
    handle?.close()
    throw noStore(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
  handle.close()
  throw noStore(`${file} is not the file of a store`)
}

function noStore(message: string, cause?: unknown): StoreError {
  return new StoreError('CONFIGURATION', message, cause === undefined ? {} : { cause })
}
