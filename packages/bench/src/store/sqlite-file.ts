import { constants } from 'node:fs'
import { copyFile, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { StoreError } from '@tandemstore/core'
import { sqlite } from '@tandemstore/sqlite'
import type { Claim } from './open-store.js'
import { makeOwnFolder } from './own-folder.js'
import { ownMark, parseMark, type RunMark, refuseUnlessEnded } from './run-mark.js'

export interface SqliteConnection {
  /** How the file is searched by vector: `search` of `sqlite()`. Default: `exact`. */
  readonly search?: 'exact' | 'approximate' | undefined
  /** The SQLite file to make; its folder must exist. Default: one in a temporary folder. */
  readonly path?: string | undefined
}

/** SQLite's own files beside the database. */
const companions = ['-wal', '-shm', '-journal']
const versions = { sqlite: String(process.versions.sqlite) }

export async function claimSqlite({
  path,
  search,
  collection,
}: SqliteConnection & { readonly collection: string }): Promise<Claim> {
  if (path === undefined) {
    const { folder, remove } = await makeOwnFolder()
    return { ...sqlite({ path: join(folder, 'bench.db'), search }), versions, remove }
  }
  const file = resolve(path)
  const remove = async (): Promise<void> => {
    // The file, which bears the mark, goes last.
    for (const each of [...companions, '']) await rm(`${file}${each}`, { force: true })
  }
  await refuseForeign(file)
  await remove()
  await placeMarked(file, collection)
  return { ...sqlite({ path: file, search }), versions, remove }
}

/**
 * Passes where nothing is there, or what bench may delete: an empty file, or one that a run made which has surely
 * ended.
 */
async function refuseForeign(file: string): Promise<void> {
  if (!(await exists(file))) {
    for (const companion of companions)
      if (await exists(`${file}${companion}`)) throw foreign(`${file}${companion}`, 'exists')
    return
  }
  if ((await stat(file)).size === 0) return
  const mark = readMark(file)
  if (mark === undefined) throw foreign(file, 'was not made by tandem-bench')
  refuseUnlessEnded(mark, file, file)
}

function foreign(file: string, what: string): StoreError {
  return new StoreError(
    'CONFIGURATION',
    `${file} ${what}, and everything in it would be deleted: give another path, or none for a temporary file`,
  )
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/**
 * The mark in a database file; undefined in any other. Immutable, so that SQLite makes no file beside one that is not
 * ours.
 */
function readMark(file: string): RunMark | undefined {
  const url = pathToFileURL(file)
  url.searchParams.set('immutable', '1')
  let handle: DatabaseSync | undefined
  try {
    handle = new DatabaseSync(url, { readOnly: true })
    const mark = handle.prepare('SELECT mark FROM tandem_bench_run').get()?.mark
    return typeof mark === 'string' ? parseMark(mark) : undefined
  } catch {
    // No database, or one without the table: in either case not ours.
    return undefined
  } finally {
    handle?.close()
  }
}

/**
 * Makes the file elsewhere and copies it when it bears the mark, so that a run that is killed leaves no file without
 * it.
 */
async function placeMarked(file: string, collection: string): Promise<void> {
  const { folder, remove } = await makeOwnFolder()
  try {
    const made = join(folder, 'bench.db')
    await (await sqlite({ path: made }).kv.open(collection)).close()
    const handle = new DatabaseSync(made)
    handle.exec('CREATE TABLE tandem_bench_run (mark TEXT NOT NULL)')
    handle.prepare('INSERT INTO tandem_bench_run VALUES (?)').run(JSON.stringify(ownMark()))
    // Closing also writes the write-ahead log back into the file.
    handle.close()
    await copyFile(made, file, constants.COPYFILE_EXCL)
  } finally {
    await remove()
  }
}
