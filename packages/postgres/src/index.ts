export type { PostgresClient } from './client.js'
export { type PostgresOptions, postgres } from './postgres.js'
export { schemaSql } from './schema/schema-sql.js'
