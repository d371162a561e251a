export {
  type CassandraAddress,
  type CassandraOptions,
  type CassandraService,
  type CassandraSkipped,
  cassandraGlobalSetup,
  startCassandra,
} from './cassandra.js'
export type { CassandraNode } from './cassandra-node.js'
export {
  type CqlAnswer,
  type CqlColumns,
  type CqlErrorDetails,
  cqlError,
  done,
  hangUp,
  rows,
  scyllaErrors,
  silence,
} from './cql-server/answers.js'
export {
  type CqlRequest,
  type CqlServer,
  type CqlServerOptions,
  type CqlStatement,
  startCqlServer,
} from './cql-server/server.js'
export type { EmbeddingRequest } from './embedding-server/answer.js'
export type { EmbeddingAnswer, EmbeddingFault } from './embedding-server/faults.js'
export {
  type EmbeddingServer,
  type EmbeddingServerOptions,
  startEmbeddingServer,
} from './embedding-server/server.js'
export { type HttpServer, startHttpServer } from './http-server.js'
export { type PostgresService, startPostgres } from './postgres.js'
export { dropQdrantCollections, type QdrantService, startQdrant } from './qdrant.js'
