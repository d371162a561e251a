import { existsSync } from 'node:fs'
import { sqlite, sqliteCollections } from '@tandemstore/sqlite'
import { wrongUsage } from '../exit-codes.js'
import type { Place } from './place.js'

export interface SqliteFile {
  readonly file: string
  readonly collection?: string | undefined
  /** The collection to make where there is none; absent: it has to be there. */
  readonly makes?: string | undefined
}

/** The collection of a file that has one only, or the one that is named. */
export async function placeOfSqlite({ file, collection, makes }: SqliteFile): Promise<Place> {
  if (makes === undefined && !existsSync(file)) throw wrongUsage(`${file}: there is no such file`)
  const known = existsSync(file) ? await sqliteCollections(file) : []
  const name = collection ?? (known.length > 1 ? undefined : (known[0] ?? makes))
  if (name === undefined) {
    const which = known.length === 0 ? 'holds no collection yet' : `holds several collections (${known.join(', ')})`
    throw wrongUsage(`${file} ${which}${known.length === 0 ? '' : ': say which with --collection'}`)
  }
  if (makes === undefined && !known.includes(name)) {
    throw wrongUsage(`${file} holds no collection ${name}, only ${known.join(', ') || 'none at all'}`)
  }
  return { name: file, file, collection: name, ...sqlite({ path: file }) }
}
