/**
 * Documents on ScyllaDB and Apache Cassandra.
 * @module
 */

export type {
  CassandraClient,
  CassandraResult,
  ConsistencyName,
  ExecuteOptions,
  ScyllaConnection,
  ScyllaConsistency,
  ScyllaOptions,
  ScyllaSettings,
} from './options.js'
export { schemaCql } from './schema.js'
export { scylla } from './scylla.js'
