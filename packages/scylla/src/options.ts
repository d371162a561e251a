import { invalid } from '@tandemstore/core/adapter'
import type { ClientOptions } from 'cassandra-driver'

/** Consistency levels by their names in CQL, with their codes in the native protocol. */
export const consistencyCodes = {
  ONE: 1,
  TWO: 2,
  THREE: 3,
  QUORUM: 4,
  ALL: 5,
  LOCAL_QUORUM: 6,
  EACH_QUORUM: 7,
  SERIAL: 8,
  LOCAL_SERIAL: 9,
  LOCAL_ONE: 10,
} as const

type SerialName = 'SERIAL' | 'LOCAL_SERIAL'
export type ConsistencyName = Exclude<keyof typeof consistencyCodes, SerialName>

export interface ScyllaConsistency {
  /** Default `LOCAL_QUORUM`. What was written is sure to be seen only if reads and writes overlap. */
  readonly reads?: ConsistencyName | undefined
  /** Default `LOCAL_QUORUM`. */
  readonly writes?: ConsistencyName | undefined
  /**
   * Among whom conditional writes agree. Default `LOCAL_SERIAL`: one data centre. `SERIAL` where several write
   * conditionally.
   */
  readonly serial?: SerialName | undefined
}

/** The subset of a `cassandra-driver` `Client` that is used. */
export interface CassandraClient {
  execute(query: string, params?: unknown[], options?: ExecuteOptions): Promise<CassandraResult>
  batch(queries: { query: string; params: unknown[] }[], options?: BatchOptions): Promise<CassandraResult>
}

export interface ExecuteOptions {
  readonly prepare?: boolean
  readonly isIdempotent?: boolean
  readonly consistency?: number
  readonly serialConsistency?: number
  readonly fetchSize?: number
  readonly pageState?: string
  readonly readTimeout?: number
}

export interface BatchOptions extends ExecuteOptions {
  readonly logged?: boolean
}

export interface CassandraResult {
  /** Absent where the statement gives no rows. */
  readonly rows?: Iterable<{ readonly [column: string]: unknown }> | undefined
  readonly pageState?: string | null | undefined
}

/** A class, a number of replicas, or the racks that have one each (ScyllaDB). */
export type ReplicationValue = string | number | readonly string[]

export interface ScyllaSettings {
  /** Where the tables are: letters, digits and `_`, at most 48 characters. */
  readonly keyspace: string
  /**
   * Replication of the keyspace, if Tandem is to create it, such as `{ class: 'NetworkTopologyStrategy', dc1: 3 }`.
   * Without it the keyspace has to be there.
   */
  readonly replication?: Readonly<Record<string, ReplicationValue>> | undefined
  /**
   * Whether the keyspace is created with tablets. ScyllaDB only. Default: `false` on ScyllaDB 6.0 to 2025.3, which
   * has no conditional writes with tablets, else the database's.
   */
  readonly tablets?: boolean | undefined
  /**
   * `create` (default) makes the tables that are missing; `none` touches no schema and says what is missing, with the
   * CQL.
   */
  readonly schema?: 'create' | 'none' | undefined
  readonly consistency?: ScyllaConsistency | undefined
  /**
   * Partitions that one namespace is spread over, 1 to 1024. Fixed when the collection is created. Default 8: good
   * for up to about a million documents of 1 kB in one namespace. 1 for very many small namespaces.
   */
  readonly buckets?: number | undefined
}

type DriverOptions = {
  readonly [K in Exclude<
    keyof ClientOptions,
    'keyspace' | 'contactPoints' | 'localDataCenter' | 'queryOptions' | 'encoding'
  >]?: ClientOptions[K] | undefined
}

/**
 * How to connect: `contactPoints`, `localDataCenter`, and what else `cassandra-driver` takes (`credentials`,
 * `authProvider`, `sslOptions`, …). Other than in the driver, `sslOptions.rejectUnauthorized` is true by default, and
 * `pooling.coreConnectionsPerHost` the number of shards where the server tells it.
 */
export interface ScyllaConnection extends DriverOptions {
  /** Host names or addresses of some nodes, with `:port` where that is not 9042. */
  readonly contactPoints: readonly string[]
  /** The name of the data centre to talk to. */
  readonly localDataCenter: string
}

/** Either how to connect, or a client of `cassandra-driver`, which stays open and is the caller's to shut down. */
export type ScyllaOptions = ScyllaSettings & (ScyllaConnection | { readonly client: CassandraClient })

export const DEFAULT_BUCKETS = 8

/** Refuses what no database could make sense of, before anything connects. */
export function checkOptions(options: ScyllaOptions): void {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,47}$/.test(options.keyspace)) {
    throw invalid('keyspace', 'a letter and up to 47 letters, digits or _')
  }
  if (!('client' in options)) {
    const { contactPoints, localDataCenter } = options
    if (!Array.isArray(contactPoints) || contactPoints.length === 0) throw invalid('contactPoints', 'at least one host')
    if (typeof localDataCenter !== 'string' || localDataCenter === '') {
      throw invalid('localDataCenter', 'the name of a data centre')
    }
  } else if (typeof options.client?.execute !== 'function' || typeof options.client.batch !== 'function') {
    throw invalid('client', 'a client of cassandra-driver')
  } else if ('rustOptions' in options.client) {
    throw invalid(
      'client',
      'a client of cassandra-driver: errors of ScyllaDB’s own driver have no codes to tell them by',
    )
  }
  const { buckets, consistency = {}, replication, schema, tablets } = options
  if (buckets !== undefined && !(Number.isInteger(buckets) && buckets >= 1 && buckets <= 1024)) {
    throw invalid('buckets', 'an integer from 1 to 1024')
  }
  if (schema !== undefined && schema !== 'create' && schema !== 'none') throw invalid('schema', "'create' or 'none'")
  if (tablets !== undefined && replication === undefined) {
    throw invalid('tablets', 'to come with replication, as it is about creating the keyspace')
  }
  if (replication !== undefined && typeof replication.class !== 'string') {
    throw invalid('replication', "an object with a class, such as { class: 'NetworkTopologyStrategy', dc1: 3 }")
  }
  for (const [name, value] of Object.entries(replication ?? {})) {
    const isRacks = Array.isArray(value) && value.length > 0 && value.every((rack) => typeof rack === 'string')
    if (typeof value !== 'string' && typeof value !== 'number' && !isRacks) {
      throw invalid(`replication.${name}`, 'a text, a number, or a list of racks')
    }
  }
  for (const name of ['reads', 'writes', 'serial'] as const) {
    const level = consistency[name]
    if (level === undefined) continue
    const isSerial = level === 'SERIAL' || level === 'LOCAL_SERIAL'
    if (!Object.hasOwn(consistencyCodes, level) || isSerial !== (name === 'serial')) {
      throw invalid(
        `consistency.${name}`,
        name === 'serial' ? 'SERIAL or LOCAL_SERIAL' : 'a level such as LOCAL_QUORUM',
      )
    }
  }
}
