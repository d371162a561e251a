import { invalid, type KVBackend, type VectorIndex } from '@tandemstore/core/adapter'
import type { PostgresClient } from './client.js'
import { Connection } from './connection.js'
import { createKVBackend } from './kv/backend.js'
import { checkSchemaName } from './names.js'
import { makePool } from './pool.js'
import { prepareSchema } from './schema/prepare.js'
import { createVectorIndex } from './vectors/vector-index.js'

export interface PostgresOptions {
  /**
   * Address of the database, `postgres://user:password@host/database`. A pool of node-postgres (the package `pg`) is
   * made with the first collection or space that opens, and ended with the last that closes.
   */
  readonly connectionString?: string | undefined
  /** A pool of yours, instead. It stays open. */
  readonly pool?: PostgresClient | undefined
  /** A client of yours, instead: PGlite, a serverless driver, a connection. It stays open. */
  readonly client?: PostgresClient | undefined
  /**
   * The schema that everything is in. Default `tandem`. It is made and brought up to date by whoever opens it; `none` in
   * `migrations` leaves that to `schemaSql()`.
   */
  readonly schema?: string | undefined
  /** `auto` (default): the schema is made and brought up to date. `none`: it has to be there, see `schemaSql`. */
  readonly migrations?: 'auto' | 'none' | undefined
  /** Connections of the pool that is made, at most. Default 10. */
  readonly maxConnections?: number | undefined
  /**
   * `exact` (default): a search compares with every vector that the prefix, the filter and the expiry leave.
   * `approximate`: it goes by an index (HNSW), which is made when a space is opened and may miss some; what it does not
   * fill is searched exactly. Up to 4,000 dimensions (in half precision above 2,000), above that exactly.
   */
  readonly search?: 'exact' | 'approximate' | undefined
}

const optionNames = ['connectionString', 'pool', 'client', 'schema', 'migrations', 'maxConnections', 'search']
const sources = ['connectionString', 'pool', 'client'] as const

/** A KVBackend and a VectorIndex in one schema of a Postgres database. The vectors need the extension pgvector. */
export function postgres(options: PostgresOptions): { readonly kv: KVBackend; readonly vectors: VectorIndex } {
  if (typeof options !== 'object' || options === null)
    throw invalid('options', 'an object with connectionString, pool or client')
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name))
  if (unknown !== undefined) throw invalid(unknown, `one of the options ${optionNames.join(', ')}`)
  const { connectionString, migrations = 'auto', maxConnections = 10, search = 'exact' } = options
  const given = sources.filter((name) => options[name] !== undefined)
  if (given.length !== 1) throw invalid('options', 'one of connectionString, pool and client')
  const schema = checkSchemaName(options.schema ?? 'tandem')
  if (migrations !== 'auto' && migrations !== 'none') throw invalid('migrations', "'auto' or 'none'")
  if (search !== 'exact' && search !== 'approximate') throw invalid('search', "'exact' or 'approximate'")
  if (!Number.isInteger(maxConnections) || maxConnections < 1) throw invalid('maxConnections', 'a whole number from 1')
  if (connectionString !== undefined) checkAddress(connectionString)
  const connection = new Connection({
    connect: () => makePool(connectionString ?? '', maxConnections),
    client: checkClient(options.pool, 'pool') ?? checkClient(options.client, 'client'),
    prepare: (client, part) => prepareSchema(client, schema, part, migrations === 'auto'),
  })
  return {
    kv: createKVBackend(connection, schema),
    vectors: createVectorIndex(connection, schema, search === 'approximate'),
  }
}

function checkAddress(address: unknown): void {
  if (typeof address === 'string' && /^postgres(ql)?:\/\//.test(address)) return
  throw invalid('connectionString', 'an address such as postgres://user:password@host/database')
}

function checkClient(client: unknown, name: string): PostgresClient | undefined {
  if (client === undefined) return undefined
  if (typeof (client as Partial<PostgresClient> | null)?.query === 'function') return client as PostgresClient
  throw invalid(name, 'an object with a method query(text, values)')
}
