export {
  type CassandraAddress,
  type CassandraOptions,
  type CassandraService,
  type CassandraSkipped,
  cassandraGlobalSetup,
  startCassandra,
} from './cassandra.js'
export type { CassandraNode } from './cassandra-node.js'
export { dropQdrantCollections, type QdrantService, startQdrant } from './qdrant.js'
