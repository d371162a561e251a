import { DELETION_MEMORY, TOMBSTONE_GC } from './tombstone-gc.js'

/**
 * `gc_grace_seconds` of the tables that say where intents may be, so that their tombstones go soon. Hints for them
 * are dropped then, too. A minute that comes back later is looked at once more, in vain.
 */
const REGISTRATION_MEMORY = 14_400

/** The tables of a collection, quoted and with their keyspace. */
export interface Tables {
  /**
   * `document`: the cell of plain writes. `claim`: that of a conditional write which is not settled yet. Rows whose
   * key begins with NUL are co-located intents.
   */
  readonly documents: string
  readonly namespaces: string
  readonly deletions: string
  readonly intents: string
  readonly minutes: string
  /** In which partitions of `documents` intents may be. */
  readonly intentPartitions: string
  readonly records: string
}

const suffixes: Readonly<Record<keyof Tables, string>> = {
  documents: 'documents',
  namespaces: 'namespaces',
  deletions: 'deletions',
  intents: 'intents',
  minutes: 'intent_minutes',
  intentPartitions: 'intent_places',
  records: 'records',
}

const columns: Readonly<Record<keyof Tables, string>> = {
  documents:
    'namespace text, bucket int, "key" text, document text, claim text, PRIMARY KEY ((namespace, bucket), "key")',
  namespaces: 'shard int, namespace text, checked boolean, PRIMARY KEY ((shard), namespace)',
  deletions: 'prefix text, version text, PRIMARY KEY (prefix)',
  intents:
    'space text, minute int, shard int, version text, kind text, namespace text, "key" text, failure text, ' +
    'PRIMARY KEY ((space, minute, shard), version, kind, namespace, "key")',
  minutes: 'space text, minute int, PRIMARY KEY ((space), minute)',
  intentPartitions:
    'space text, minute int, shard int, namespace text, bucket int, writer text, ' +
    'PRIMARY KEY ((space, minute, shard), namespace, bucket, writer)',
  records: 'kind text, name text, value text, PRIMARY KEY ((kind), name)',
}

export const tableNames = Object.keys(suffixes) as (keyof Tables)[]

/** The name of a table in `system_schema`. */
export function plainName(collection: string, name: keyof Tables): string {
  return `${collection}_${suffixes[name]}`
}

export function tablesOf(keyspace: string, collection: string): Tables {
  const quoted = (name: keyof Tables): string => `"${keyspace}"."${plainName(collection, name)}"`
  return Object.fromEntries(tableNames.map((name) => [name, quoted(name)])) as unknown as Tables
}

/**
 * The CQL that makes the tables of a collection, for those who keep the schema themselves (`schema: 'none'`).
 * ScyllaDB needs an option that Cassandra does not know, so say which it is. Default `cassandra`.
 */
export function schemaCql(
  keyspace: string,
  collection: string,
  { database = 'cassandra' }: { readonly database?: 'cassandra' | 'scylladb' | undefined } = {},
): string[] {
  return tableNames.map((name) => tableCql(keyspace, collection, name, database))
}

export function tableCql(
  keyspace: string,
  collection: string,
  name: keyof Tables,
  database: 'cassandra' | 'scylladb',
): string {
  const memory = name === 'minutes' || name === 'intentPartitions' ? REGISTRATION_MEMORY : DELETION_MEMORY
  const and = database === 'scylladb' ? ` AND ${TOMBSTONE_GC}` : ''
  return `CREATE TABLE IF NOT EXISTS ${tablesOf(keyspace, collection)[name]} (${columns[name]}) WITH gc_grace_seconds = ${memory}${and}`
}
