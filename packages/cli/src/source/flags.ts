import type { Command } from 'commander'

/** Where the store is, and which part of it, as flags say it. */
export interface SourceFlags {
  readonly db?: string | undefined
  readonly config?: string | undefined
  readonly scylla?: string | undefined
  readonly dataCenter?: string | undefined
  readonly keyspace?: string | undefined
  readonly qdrantUrl?: string | undefined
  readonly qdrantPrefix?: string | undefined
  readonly collection?: string | undefined
  readonly space?: string | undefined
  readonly field?: readonly string[] | undefined
}

/** Adds the flags that every command about a store has. */
export function withSourceFlags(command: Command): Command {
  return command
    .optionsGroup('Where the store is:')
    .option('--db <file>', 'a SQLite file (or TANDEM_DB)')
    .option('--config <file>', "a module whose default export is createStore's options (or a tandem.config.ts here)")
    .option('--scylla <hosts>', 'ScyllaDB or Cassandra, host:port,… (or TANDEM_SCYLLA)')
    .option('--data-center <name>', 'of --scylla (or TANDEM_SCYLLA_DC, else datacenter1)')
    .option('--keyspace <name>', 'of --scylla (or TANDEM_KEYSPACE)')
    .option('--qdrant-url <url>', 'beside --scylla: where the vectors are (or TANDEM_QDRANT_URL)')
    .option('--qdrant-prefix <text>', 'collectionPrefix of the adapter for Qdrant')
    .option('--collection <name>', 'which collection; not needed where a file has one only')
    .option('--space <name>', 'which vector space, of several models')
    .option(
      '--field <path>',
      'what to index, of a collection that does not say so itself; may be repeated',
      (path: string, before: readonly string[] | undefined) => [...(before ?? []), path],
    )
    .optionsGroup('Options:')
}
