import type { Database } from './database.js'
import { kvDocuments } from './kv/documents.js'
import { kvListing } from './kv/listing.js'
import { kvRecords } from './kv/records.js'
import { operation } from './operation.js'
import { vectorsDelete } from './vectors/delete.js'
import { vectorsQuery } from './vectors/query.js'
import { vectorsRead } from './vectors/read.js'
import { vectorsSpaces } from './vectors/spaces.js'
import { wordsQuery } from './vectors/words/query.js'
import { vectorsWrite } from './vectors/write.js'

/** All that the worker does, by name. */
export const operations = {
  connect: operation('none', (db: Database, _args: undefined): { sqliteVersion: string } => {
    db.connect()
    return { sqliteVersion: db.prepare('SELECT sqlite_version() AS version').get()?.version as string }
  }),
  disconnect: operation('none', (db: Database, _args: undefined) => db.disconnect()),
  ping: operation('read', (db: Database, _args: undefined) => {
    db.prepare('SELECT count(*) FROM collection').get()
  }),
  ...kvDocuments,
  ...kvListing,
  ...kvRecords,
  ...vectorsSpaces,
  ...vectorsWrite,
  ...vectorsDelete,
  ...vectorsQuery,
  ...vectorsRead,
  ...wordsQuery,
}
