import { wrongUsage } from '../exit-codes.js'
import { placeOfCluster } from './cluster.js'
import { findConfigFile, placeOfConfig } from './config-file.js'
import type { SourceFlags } from './flags.js'
import type { Place } from './place.js'
import { placeOfSqlite } from './sqlite-file.js'

export interface FindOptions {
  /** The name of the collection to make where there is none. Absent: nothing is made. */
  readonly makes?: string | undefined
}

/**
 * Finds the store that the flags name: else the environment, else a configuration file in the working folder.
 *
 * @throws StoreError CONFIGURATION in one sentence: nothing or two things named, no such file, a package missing
 */
export async function findPlace(flags: SourceFlags, { makes }: FindOptions = {}): Promise<Place> {
  const named = [flags.db, flags.config, flags.scylla].filter((each) => each !== undefined)
  if (named.length > 1) throw wrongUsage('Give one of --db, --config and --scylla')
  if (flags.config !== undefined) return placeOfConfig(flags.config)
  if (flags.db !== undefined) return placeOfSqlite({ file: flags.db, collection: flags.collection, makes })
  if (flags.scylla !== undefined) return placeOfCluster(flags.scylla, flags, makes)
  const { TANDEM_DB, TANDEM_SCYLLA } = process.env
  if (TANDEM_DB) return placeOfSqlite({ file: TANDEM_DB, collection: flags.collection, makes })
  if (TANDEM_SCYLLA) return placeOfCluster(TANDEM_SCYLLA, flags, makes)
  const config = findConfigFile()
  if (config !== undefined) return placeOfConfig(config)
  if (flags.qdrantUrl !== undefined) throw wrongUsage('Say where the documents are, beside --qdrant-url: --scylla')
  throw wrongUsage('Say where the store is: --db notes.db, --config tandem.config.ts, or --scylla and --qdrant-url')
}
