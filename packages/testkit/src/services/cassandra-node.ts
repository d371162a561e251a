import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startServer, untilListening } from './process.js'

/** One node of a Cassandra cluster that the tests started. */
export interface CassandraNode {
  readonly address: string
  /** Ends the node, with `kill` as a crash would. Its data stay. */
  stop(options?: { readonly kill?: boolean }): Promise<void>
  /** Starts it again on the same data. Resolves when it takes clients. */
  start(): Promise<void>
  /** Freezes it: it answers nothing and loses nothing, as in a long pause of its garbage collector. */
  pause(): void
  resume(): void
}

export interface NodeOptions {
  readonly java: string
  readonly jars: string
  readonly folder: string
  readonly addresses: readonly string[]
  /** Which of the addresses this node has. */
  readonly index: number
  readonly nativePort: number
  readonly storagePort: number
  /** Lines for cassandra.yaml, such as `authenticator: 'PasswordAuthenticator'`. */
  readonly config: Readonly<Record<string, string>>
  readonly jvmOptions: readonly string[]
}

/**
 * For tests: it starts soon and takes little memory. A write costs 1.4 to 2 times the processor time that it does on
 * the options of a server, once those are warm.
 */
export const QUICK_START = ['-Xms384M', '-Xmx384M', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/** Makes a node that does not run yet. */
export async function makeNode(options: NodeOptions): Promise<CassandraNode> {
  const address = options.addresses[options.index]
  if (address === undefined) throw new RangeError(`No address for node ${options.index}`)
  const folder = join(options.folder, `node${options.index}`)
  await mkdir(folder, { recursive: true })
  const files = {
    config: join(folder, 'cassandra.yaml'),
    logging: join(folder, 'logback.xml'),
    args: join(folder, 'java.args'),
  }
  await writeFile(files.config, yaml(options, address, folder))
  await writeFile(files.logging, logback)
  const agent = (await readdir(options.jars)).find((name) => name.startsWith('jamm-'))
  if (agent === undefined) throw new Error(`There is no jamm in ${options.jars}`)
  const jvmOptions = [...options.jvmOptions, `-javaagent:${join(options.jars, agent)}`]
  await writeFile(files.args, javaArgs(jvmOptions, folder, files.config, files.logging).join('\n'))

  let server: Awaited<ReturnType<typeof startServer>> | undefined
  return {
    address,
    async start() {
      if (server !== undefined) return
      server = await startServer({
        command: options.java,
        args: [`@${files.args}`, '-cp', join(options.jars, '*'), 'org.apache.cassandra.service.CassandraDaemon'],
        folder,
        ready: /Starting listening for CQL clients/,
        timeoutMs: 120_000,
      })
      await untilListening(address, options.nativePort, 60_000)
    },
    async stop(how) {
      const stopping = server
      server = undefined
      await stopping?.stop(how)
    },
    pause: () => {
      if (server !== undefined) process.kill(server.pid, 'SIGSTOP')
    },
    resume: () => {
      if (server !== undefined) process.kill(server.pid, 'SIGCONT')
    },
  }
}

/** What a small test node needs; everything else is the default of Cassandra 5.0. */
function yaml({ addresses, index, nativePort, storagePort, config }: NodeOptions, address: string, folder: string) {
  // Evenly spaced over the 2^64 tokens of the Murmur3 partitioner, whose lowest one stands for nothing.
  const share = 2n ** 64n / BigInt(addresses.length)
  const token = -(2n ** 63n) + share * BigInt(index) + share / 2n
  const settings: Record<string, string> = {
    cluster_name: 'tandem_test',
    num_tokens: '1',
    initial_token: `'${token}'`,
    auto_bootstrap: 'false',
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    endpoint_snitch: 'SimpleSnitch',
    listen_address: address,
    rpc_address: address,
    native_transport_port: String(nativePort),
    storage_port: String(storagePort),
    seed_provider: `[{ class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [{ seeds: '${addresses[0]}:${storagePort}' }] }]`,
    data_file_directories: JSON.stringify([join(folder, 'data')]),
    commitlog_directory: JSON.stringify(join(folder, 'commitlog')),
    saved_caches_directory: JSON.stringify(join(folder, 'caches')),
    hints_directory: JSON.stringify(join(folder, 'hints')),
    cdc_raw_directory: JSON.stringify(join(folder, 'cdc')),
    commitlog_sync: 'periodic',
    commitlog_sync_period: '1s',
    disk_optimization_strategy: 'ssd',
    auto_snapshot: 'false',
    ...config,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')
}

const logback = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level %date{HH:mm:ss.SSS} %logger{0}: %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="out"/></root>
</configuration>
`

/**
 * The agent measures objects as Cassandra 4.1 needs it on Java 17. The module accesses are those of
 * conf/jvm17-server.options of Apache Cassandra 5.0.
 */
function javaArgs(jvmOptions: readonly string[], folder: string, config: string, logging: string): string[] {
  const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\')}"`
  return [
    ...jvmOptions.map(quoted),
    '-XX:+ExitOnOutOfMemoryError',
    '-Djdk.attach.allowAttachSelf=true',
    // Native libraries are unpacked there, and would be left behind elsewhere.
    quoted(`-Djava.io.tmpdir=${folder}`),
    quoted(`-Dcassandra.storagedir=${folder}`),
    quoted(`-Dcassandra.config=${pathToFileURL(config)}`),
    quoted(`-Dlogback.configurationFile=${pathToFileURL(logging)}`),
    '-Dcassandra-foreground=yes',
    '-Dcassandra.skip_wait_for_gossip_to_settle=0',
    '-Dcassandra.ring_delay_ms=1000',
    '-Dcassandra.superuser_setup_delay_ms=0',
    '-Dcassandra.consistent.rangemovement=false',
    ...[
      'java.base/jdk.internal.misc',
      'java.base/jdk.internal.ref',
      'java.base/sun.nio.ch',
      'java.management.rmi/com.sun.jmx.remote.internal.rmi',
      'java.rmi/sun.rmi.registry',
      'java.rmi/sun.rmi.server',
      'java.rmi/sun.rmi.transport.tcp',
      'java.sql/java.sql',
      'jdk.unsupported/sun.misc',
    ].map((name) => `--add-exports=${name}=ALL-UNNAMED`),
    ...[
      'java.base/java.io',
      'java.base/java.lang',
      'java.base/java.lang.module',
      'java.base/java.lang.reflect',
      'java.base/java.net',
      'java.base/java.nio',
      'java.base/java.util',
      'java.base/java.util.concurrent',
      'java.base/java.util.concurrent.atomic',
      'java.base/jdk.internal.loader',
      'java.base/jdk.internal.math',
      'java.base/jdk.internal.module',
      'java.base/jdk.internal.ref',
      'java.base/jdk.internal.reflect',
      'java.base/jdk.internal.util.jar',
      'java.base/sun.nio.ch',
      'java.rmi/sun.rmi.transport.tcp',
      'jdk.management/com.sun.management.internal',
    ].map((name) => `--add-opens=${name}=ALL-UNNAMED`),
  ]
}
