import type { CassandraAddress } from '@tandemstore/testkit/services'
import { Client, type ClientOptions } from 'cassandra-driver'
import { describe, inject } from 'vitest'

const found = inject('cassandra')

/** How to connect to the database of this run; only within `describeWithDatabase`. */
export const address = found as CassandraAddress

/** Describes tests that need the database. Where there is none they are skipped, and say why. */
export function describeWithDatabase(name: string, body: () => void): void {
  if ('skipped' in found) describe.skip(`${name}: ${found.skipped}`, body)
  else describe(name, body)
}

export interface TestKeyspace {
  readonly keyspace: string
  /** For looking at the tables themselves. */
  readonly client: Client
  drop(): Promise<void>
}

const PREFIX = 'tandem_test_'
const OLD_MS = 3_600_000

/** Makes a keyspace of its own for a test file, and drops those that runs of more than an hour ago left. */
export async function makeKeyspace(to: CassandraAddress = address, replicas = 1): Promise<TestKeyspace> {
  const client = makeClient(to)
  await client.connect()
  const { rows } = await client.execute('SELECT keyspace_name FROM system_schema.keyspaces')
  for (const { keyspace_name: name } of rows) {
    const madeAt = Number(/^tandem_test_(\d+)_/.exec(name)?.[1])
    if (madeAt < Date.now() - OLD_MS) await client.execute(`DROP KEYSPACE "${name}"`)
  }
  const keyspace = `${PREFIX}${Date.now()}_${Math.floor(Math.random() * 1e6)}`
  await client.execute(
    `CREATE KEYSPACE "${keyspace}" WITH replication = {'class': 'NetworkTopologyStrategy', '${to.localDataCenter}': ${replicas}}`,
  )
  return {
    keyspace,
    client,
    async drop() {
      await client.execute(`DROP KEYSPACE IF EXISTS "${keyspace}"`, [], { readTimeout: 60_000 })
      await client.shutdown()
    },
  }
}

export function makeClient(to: CassandraAddress = address, options: ClientOptions = {}): Client {
  const { contactPoints, localDataCenter } = to
  // The driver takes this port for the nodes that it hears of from others.
  const port = Number(contactPoints[0]?.split(':').at(-1))
  return new Client({ contactPoints: [...contactPoints], localDataCenter, protocolOptions: { port }, ...options })
}

/** The options that connect to the database of this run. */
export function connectionTo(to: CassandraAddress = address): { contactPoints: string[]; localDataCenter: string } {
  return { contactPoints: [...to.contactPoints], localDataCenter: to.localDataCenter }
}

/** Which database this run is on. */
export async function productOf(client: Client): Promise<'cassandra' | 'scylladb'> {
  return client.execute('SELECT version FROM system.versions').then(
    () => 'scylladb',
    () => 'cassandra',
  )
}
