import type { TestProject } from 'vitest/node'
import { startScyllaContainer } from './cassandra-docker.js'
import { CASSANDRA_RELEASES, type CassandraLine, findJars, findJava, NotAvailable } from './cassandra-jars.js'
import { type CassandraNode, makeNode, QUICK_START } from './cassandra-node.js'
import { freePorts, newRun } from './process.js'

/** Where tests reach ScyllaDB or Cassandra. */
export interface CassandraAddress {
  /** `host:port` of each node. */
  readonly contactPoints: string[]
  readonly localDataCenter: string
  /** What it is and where it came from, for people. */
  readonly origin: string
}

export interface CassandraService extends CassandraAddress {
  /** The nodes that this call started as processes of its own; none where the database runs elsewhere. */
  readonly nodes: readonly CassandraNode[]
  /** Stops what was started and deletes its data. A database that was there before stays as it is. */
  stop(): Promise<void>
}

/** There is no database to test on; `skipped` says why, and how to get one. */
export interface CassandraSkipped {
  readonly skipped: string
}

export interface CassandraOptions {
  /** Default 1. More than one is always Apache Cassandra from Maven Central, on 127.0.0.1, 127.0.0.2 and so on. */
  readonly nodes?: number | undefined
  /**
   * The line of Apache Cassandra; where it is given, it is always one from Maven Central. Default:
   * `TANDEM_CASSANDRA`, or 5.0 where no other database is found.
   */
  readonly line?: CassandraLine | undefined
  /** Lines for cassandra.yaml; with any, it is always Apache Cassandra from Maven Central. */
  readonly config?: Readonly<Record<string, string>> | undefined
  /**
   * Options of Java for a node from Maven Central: its heap, its garbage collector, its compiler. Default: those for
   * a quick start, which are not for measuring. A database from elsewhere has its own.
   */
  readonly jvmOptions?: readonly string[] | undefined
}

/**
 * Finds a ScyllaDB or Cassandra to test on: `TANDEM_SCYLLA` (host:port; `TANDEM_SCYLLA_DC`, default `datacenter1`),
 * then ScyllaDB in Docker, then Apache Cassandra from Maven Central on Java 17. Writes to stderr which it was, and
 * why not those before it.
 */
export async function startCassandra(options: CassandraOptions = {}): Promise<CassandraService | CassandraSkipped> {
  const { nodes = 1, config = {}, jvmOptions = QUICK_START, line = lineOfEnvironment() } = options
  const missed: string[] = []
  if (nodes === 1 && line === undefined && Object.keys(config).length === 0) {
    const given = process.env.TANDEM_SCYLLA
    if (given !== undefined && given !== '') {
      const localDataCenter = process.env.TANDEM_SCYLLA_DC ?? 'datacenter1'
      const stop = async (): Promise<void> => {}
      return told(
        { contactPoints: [given], localDataCenter, origin: `TANDEM_SCYLLA (${given})`, nodes: [], stop },
        missed,
      )
    }
    missed.push('TANDEM_SCYLLA is not set')
    const container = await startScyllaContainer()
    if ('contactPoint' in container) {
      const { contactPoint, stop } = container
      const origin = `ScyllaDB in Docker (${contactPoint})`
      return told({ contactPoints: [contactPoint], localDataCenter: 'datacenter1', origin, nodes: [], stop }, missed)
    }
    missed.push(container.reason)
  }
  try {
    return told(await startFromMaven(nodes, CASSANDRA_RELEASES[line ?? '5.0'], config, jvmOptions), missed)
  } catch (error) {
    if (!(error instanceof NotAvailable)) throw error
    missed.push(error.message)
    const skipped =
      `NO DATABASE, THESE TESTS DO NOT RUN: ${missed.join('; ')}. To run them, do one of: set TANDEM_SCYLLA=host:port; ` +
      'start Docker and install testcontainers; install Java 17 and Maven.'
    tell(skipped)
    return { skipped }
  }
}

function lineOfEnvironment(): CassandraLine | undefined {
  const line = process.env.TANDEM_CASSANDRA
  if (line === undefined || line === '') return undefined
  if (Object.hasOwn(CASSANDRA_RELEASES, line)) return line as CassandraLine
  throw new RangeError(`TANDEM_CASSANDRA: expected ${Object.keys(CASSANDRA_RELEASES).join(' or ')}, got ${line}`)
}

function told(service: CassandraService, missed: readonly string[]): CassandraService {
  tell(`${service.origin}${missed.length === 0 ? '' : ` (${missed.join('; ')})`}`)
  return service
}

function tell(line: string): void {
  process.stderr.write(`cassandra: ${line}\n`)
}

async function startFromMaven(
  count: number,
  release: string,
  config: Readonly<Record<string, string>>,
  jvmOptions: readonly string[],
): Promise<CassandraService> {
  if (process.platform === 'win32') throw new NotAvailable('Cassandra does not run on Windows')
  const java = await findJava()
  const jars = await findJars(release)
  const addresses = Array.from({ length: count }, (_, i) => `127.0.0.${i + 1}`)
  const { folder, remove } = await newRun('cassandra')
  const nodes: CassandraNode[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop({ kill: true })))
    await remove()
  }
  try {
    const [nativePort, storagePort] = (await freePorts(2, addresses)) as [number, number]
    for (let index = 0; index < count; index += 1) {
      const node = await makeNode({ java, jars, folder, addresses, index, nativePort, storagePort, config, jvmOptions })
      nodes.push(node)
      // One after the other: two nodes that join at once do not see one another's tokens.
      await node.start()
    }
    const contactPoints = addresses.map((address) => `${address}:${nativePort}`)
    const origin = `Apache Cassandra ${release} from Maven Central (${contactPoints.join(', ')})`
    return { contactPoints, localDataCenter: 'datacenter1', origin, nodes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    cassandra: CassandraAddress | CassandraSkipped
  }
}

/**
 * For `globalSetup` of vitest: one database for all the test files of a run, which `inject('cassandra')` then gives.
 */
export async function cassandraGlobalSetup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const found = await startCassandra()
  if ('skipped' in found) {
    project.provide('cassandra', found)
    return undefined
  }
  const { contactPoints, localDataCenter, origin } = found
  project.provide('cassandra', { contactPoints, localDataCenter, origin })
  return found.stop
}
