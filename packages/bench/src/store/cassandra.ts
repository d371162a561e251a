import { StoreError } from '@tandemstore/core'
import type { Client } from 'cassandra-driver'
import { importOptional } from '../optional.js'

/** A statement about the schema takes long on a busy node, and is not to be taken for lost. */
const DDL = { readTimeout: 60_000 }
/** LOCAL_QUORUM: what a run wrote into its mark, the next must see. */
const SAFE = { prepare: false, consistency: 6 }

export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface CassandraConnection {
  readonly contactPoints: string[]
  readonly localDataCenter: string
  readonly credentials?: Credentials | undefined
}

export async function connectCassandra(connection: CassandraConnection): Promise<Client> {
  const { contactPoints, localDataCenter, credentials } = connection
  const { default: driver } = await importOptional('cassandra-driver', () => import('cassandra-driver'))
  // The driver takes this port for the nodes that it hears of from others.
  const port = Number(/:(\d+)$/.exec(contactPoints[0] ?? '')?.[1] ?? 9042)
  const client = new driver.Client({
    contactPoints,
    localDataCenter,
    ...(credentials === undefined ? {} : { credentials }),
    protocolOptions: { port },
    monitorReporting: { enabled: false },
  })
  try {
    await client.connect()
    return client
  } catch (cause) {
    await client.shutdown()
    if (isRefusal(cause)) {
      const problem = `ScyllaDB or Cassandra at ${contactPoints.join(', ')} refuses the user: set TANDEM_SCYLLA_USER and TANDEM_SCYLLA_PASSWORD`
      throw new StoreError('AUTHENTICATION', problem, { cause })
    }
    throw new StoreError('UNAVAILABLE', `Neither ScyllaDB nor Cassandra answers at ${contactPoints.join(', ')}`, {
      cause,
    })
  }
}

/** The driver tells of each host what was wrong with it. */
function isRefusal(cause: unknown): boolean {
  const { innerErrors = {} } = cause as { readonly innerErrors?: Readonly<Record<string, unknown>> }
  return [cause, ...Object.values(innerErrors)].some(
    (each) => (each as { readonly name?: unknown } | undefined)?.name === 'AuthenticationError',
  )
}

/** Of ScyllaDB its own version: the other one is the release of Cassandra whose protocol it speaks. */
export async function cassandraVersion(
  client: Client,
): Promise<{ readonly scylla: string } | { readonly cassandra: string }> {
  const tables = await tablesIn(client, 'system')
  if (tables.includes('versions')) {
    const { rows } = await client.execute('SELECT version FROM system.versions')
    return { scylla: String(rows[0]?.version) }
  }
  const { rows } = await client.execute('SELECT release_version FROM system.local')
  return { cassandra: String(rows[0]?.release_version) }
}

/** The names of the tables of a keyspace; none where there is no such keyspace. */
export async function tablesIn(client: Client, keyspace: string): Promise<string[]> {
  const { rows } = await client.execute('SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?', [
    keyspace,
  ])
  return rows.map((row) => String(row.table_name))
}

/** Makes a keyspace with one replica, if it is not there. Gives whether it did. */
export async function makeKeyspace(client: Client, keyspace: string, localDataCenter: string): Promise<boolean> {
  const { rows } = await client.execute('SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?', [
    keyspace,
  ])
  if (rows.length > 0) return false
  const version = await cassandraVersion(client)
  // Opening a collection takes a lightweight transaction, which not every ScyllaDB has in a keyspace with tablets.
  const tablets = 'scylla' in version && knowsTablets(version.scylla) ? " AND tablets = {'enabled': false}" : ''
  const replication = `{'class': 'NetworkTopologyStrategy', '${localDataCenter.replaceAll("'", "''")}': 1}`
  await client.execute(
    `CREATE KEYSPACE IF NOT EXISTS "${keyspace}" WITH replication = ${replication}${tablets}`,
    [],
    DDL,
  )
  return true
}

/** How many replicas a keyspace has, such as `NetworkTopologyStrategy, datacenter1: 1`. */
export async function replicationOf(client: Client, keyspace: string): Promise<string> {
  const { rows } = await client.execute('SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?', [
    keyspace,
  ])
  const { class: strategy = '', ...others } = (rows[0]?.replication ?? {}) as Readonly<Record<string, string>>
  return [strategy.split('.').at(-1), ...Object.entries(others).map(([name, value]) => `${name}: ${value}`)].join(', ')
}

/** ScyllaDB from 6.0, ScyllaDB Enterprise from 2024.2. */
function knowsTablets(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return major < 2000 ? major >= 6 : major > 2024 || (major === 2024 && minor >= 2)
}

export async function dropTables(client: Client, keyspace: string, tables: readonly string[]): Promise<void> {
  for (const table of tables) await client.execute(`DROP TABLE IF EXISTS "${keyspace}"."${table}"`, [], DDL)
}

/** Drops a keyspace unless there is something in it. */
export async function dropEmptyKeyspace(client: Client, keyspace: string): Promise<void> {
  if ((await tablesIn(client, keyspace)).length > 0) return
  await client.execute(`DROP KEYSPACE IF EXISTS "${keyspace}"`, [], DDL)
}

/** One text in a table of its own. */
export interface MarkTable {
  read(): Promise<string | undefined>
  /** Fails with CONFIGURATION if the table is there already. */
  create(text: string): Promise<void>
}

/** The code of "already exists" in the native protocol. */
const ALREADY_EXISTS = 0x2400

export function markTable(client: Client, keyspace: string, table: string): MarkTable {
  const name = `"${keyspace}"."${table}"`
  return {
    async read() {
      const { rows } = await client.execute(`SELECT mark FROM ${name} WHERE id = 0`, [], SAFE)
      const mark: unknown = rows[0]?.mark
      return typeof mark === 'string' ? mark : undefined
    },
    async create(text) {
      try {
        await client.execute(`CREATE TABLE ${name} (id int PRIMARY KEY, mark text)`, [], DDL)
      } catch (cause) {
        if ((cause as { readonly code?: unknown }).code !== ALREADY_EXISTS) throw cause
        throw new StoreError('CONFIGURATION', `Another tandem-bench has just made ${name}`, { cause })
      }
      const literal = `'${text.replaceAll("'", "''")}'`
      await client.execute(`INSERT INTO ${name} (id, mark) VALUES (0, ${literal})`, [], SAFE)
    },
  }
}
