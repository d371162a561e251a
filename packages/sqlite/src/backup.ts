import { chmod, open, rename, rm, stat } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { invalid, StoreError } from '@tandemstore/core/adapter'
import { IN_MEMORY, toFilePath } from './file-path.js'
import { loadSqlite, openForReading } from './open-file.js'

export interface BackupOptions {
  /** The file of a store: a path or a `file:` URL. Other processes may go on writing to it. */
  readonly path: string | URL
  /** The file to make. Its directory must exist, and there must be no such file. */
  readonly to: string | URL
}

/**
 * All pages in one step. Between two steps another process may write, and SQLite would then begin anew; a backup of a
 * busy file would never end (https://sqlite.org/c3ref/backup_finish.html).
 */
const ALL_PAGES = 2 ** 31 - 1
/** How long to wait for another process that holds the whole file, milliseconds. */
const BUSY_TIMEOUT_MS = 10_000

/**
 * Copies the file of a store as it is at one moment, while others write to it; the copy is checked before it gets its
 * name. Gives its size in bytes.
 *
 * @throws StoreError INVALID_ARGUMENT for a wrong path, CONFIGURATION where there is no store at `path` or a file at `to`,
 * KV_FAILED where copying fails or the copy is damaged
 */
export async function backupSqlite({ path, to }: BackupOptions): Promise<{ readonly bytes: number }> {
  const target = toFilePath(to)
  if (target === IN_MEMORY) throw invalid('to', 'a file name')
  const { backup } = await loadSqlite()
  const source = await openForReading(path, BUSY_TIMEOUT_MS)
  const partial = `${target}.part`
  try {
    if (await exists(target)) throw new StoreError('CONFIGURATION', `${target} exists already: give another file`)
    await createPrivately(partial)
    await backup(source, partial, { rate: ALL_PAGES })
    await checkCopy(partial)
    await rename(partial, target)
    return { bytes: (await stat(target)).size }
  } catch (cause) {
    // What there is of it; the failure itself is what is told.
    await Promise.allSettled([partial, `${partial}-journal`].map((file) => rm(file, { force: true })))
    if (StoreError.isInstance(cause)) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError('KV_FAILED', `The backup to ${target} failed: ${reason}`, { cause })
  } finally {
    source.close()
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}

/** Readable by its owner only, as the file of the store is. */
async function createPrivately(file: string): Promise<void> {
  await (await open(file, 'w', 0o600)).close()
  await chmod(file, 0o600)
}

async function checkCopy(file: string): Promise<void> {
  const { DatabaseSync } = await loadSqlite()
  const url = pathToFileURL(file)
  // Nobody else has it open, so that SQLite needs no files beside it.
  url.searchParams.set('immutable', '1')
  const copy = new DatabaseSync(url, { readOnly: true })
  try {
    const found = copy.prepare('PRAGMA quick_check(1)').get()?.quick_check
    if (found !== 'ok') throw new StoreError('KV_FAILED', `The copy is damaged, and so may be the store: ${found}`)
  } finally {
    copy.close()
  }
}
