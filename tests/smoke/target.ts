import { execFile } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { KVCollection } from '@tandemstore/core/adapter'
import { type ScyllaConnection, type ScyllaSettings, scylla } from '@tandemstore/scylla'
import { Client } from 'cassandra-driver'
import { Skipped } from './report.ts'

const exec = promisify(execFile)
const STARTUP_MS = 240_000
/** A busy machine takes minutes for a change of the schema. */
export const SCHEMA_MS = 240_000

/** A database to check. */
export interface Target {
  /** Name, release and set-up, for people. */
  readonly title: string
  readonly isScylla: boolean
  /** Of ScyllaDB: as a number, such as 2026.2, or 5.4. */
  readonly release: number
  readonly contactPoint: string
  readonly localDataCenter: string
  readonly client: Client
  /** Runs `nodetool`. @throws Skipped where there is none */
  nodetool(...args: readonly string[]): Promise<void>
  newKeyspace(): CheckKeyspace
  stop(): Promise<void>
}

export type Settings = Partial<Omit<ScyllaSettings & ScyllaConnection, 'keyspace'>>

/** A name for the keyspace of one check, which makes it by opening a collection. */
export interface CheckKeyspace {
  readonly name: string
  open(settings?: Settings): Promise<KVCollection>
  drop(): Promise<void>
}

export interface Check {
  readonly name: string
  /** Throws where the check fails, `Skipped` where it does not apply. May give what it measured. */
  run(target: Target, keyspace: CheckKeyspace): Promise<string | undefined>
}

/** A database that runs already. */
export async function connectTo(contactPoint: string, nodetool?: string): Promise<Target> {
  const localDataCenter = process.env.TANDEM_SCYLLA_DC ?? 'datacenter1'
  const run = async (args: readonly string[]): Promise<void> => {
    const [command, ...own] = nodetool?.split(' ') ?? []
    if (command === undefined) throw new Skipped("needs nodetool: give --nodetool 'docker exec NAME nodetool'")
    await exec(command, [...own, ...args])
  }
  return makeTarget(contactPoint, localDataCenter, run, async () => {})
}

/** A release of ScyllaDB in Docker. Its keyspaces have tablets where the release makes them by default. */
export async function startRelease(release: string): Promise<Target> {
  const { stdout } = await exec('docker', [
    ...['run', '--detach', '--rm', '--publish', '127.0.0.1::9042', `scylladb/scylla:${release}`],
    ...['--smp=2', '--memory=2G', '--overprovisioned=1', '--developer-mode=1'],
    // The default takes so many of the kernel's requests that a second node on the machine gets none.
    '--max-networking-io-control-blocks=1000',
  ])
  const id = stdout.trim()
  const stop = async (): Promise<void> => {
    await exec('docker', ['rm', '--force', '--volumes', id])
  }
  try {
    const port = await exec('docker', ['port', id, '9042/tcp'])
    const contactPoint = port.stdout.trim().split('\n')[0] as string
    const nodetool = async (args: readonly string[]): Promise<void> => {
      await exec('docker', ['exec', id, 'nodetool', ...args])
    }
    return await makeTarget(contactPoint, 'datacenter1', nodetool, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function makeTarget(
  contactPoint: string,
  localDataCenter: string,
  nodetool: (args: readonly string[]) => Promise<void>,
  stopDatabase: () => Promise<void>,
): Promise<Target> {
  const client = await connectClient(contactPoint, localDataCenter)
  const version = await client.execute('SELECT version FROM system.versions').then(
    ({ rows }) => String(rows[0]?.version),
    () => undefined,
  )
  const local = await client.execute("SELECT release_version FROM system.local WHERE key = 'local'")
  const product = version === undefined ? `Apache Cassandra ${local.rows[0]?.release_version}` : `ScyllaDB ${version}`
  let made = 0
  return {
    title: `${product} at ${contactPoint}`,
    isScylla: version !== undefined,
    release: Number(/^\d+\.\d+/.exec(version ?? '0.0')?.[0]),
    contactPoint,
    localDataCenter,
    client,
    nodetool: (...args) => nodetool(args),
    newKeyspace() {
      made += 1
      const name = `tandem_smoke_${Date.now()}_${made}`
      const replication = { class: 'NetworkTopologyStrategy', [localDataCenter]: 1 }
      const open = (settings: Settings = {}): Promise<KVCollection> =>
        scylla({ contactPoints: [contactPoint], localDataCenter, keyspace: name, replication, ...settings }).open(
          'notes',
        )
      const drop = async (): Promise<void> => {
        await client.execute(`DROP KEYSPACE IF EXISTS "${name}"`, [], { readTimeout: SCHEMA_MS })
      }
      return { name, open, drop }
    },
    async stop() {
      await client.shutdown()
      await stopDatabase()
    },
  }
}

/** A container takes a minute until it answers. */
async function connectClient(contactPoint: string, localDataCenter: string): Promise<Client> {
  const port = Number(contactPoint.split(':').at(-1))
  for (const end = Date.now() + STARTUP_MS; ; ) {
    const client = new Client({ contactPoints: [contactPoint], localDataCenter, protocolOptions: { port } })
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.shutdown()
      if (Date.now() > end) throw error
      await wait(1000)
    }
  }
}
