/**
 * Documents on ScyllaDB and Apache Cassandra.
 * @module
 */

export type {
  CassandraClient,
  CassandraResult,
  ConsistencyName,
  ExecuteOptions,
  ReplicationValue,
  ScyllaConnection,
  ScyllaConsistency,
  ScyllaOptions,
  ScyllaSettings,
} from './options.js'
export { scylla } from './scylla.js'
export { schemaCql } from './tables.js'
