import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { type CqlAnswer, done, rows } from './answers.js'
import { BodyWriter, type Frame, frameBytes, frameReader, opcodes } from './frames.js'
import { readBatch, readExecute, readQuery, type SentRequest } from './requests.js'
import { preparedResult, type Result, resultOf, unpreparedResult } from './results.js'
import { applySchemaChange, boundTypes, type CqlSchema, isOfMissingTable, tableOf } from './schema.js'
import { answerSystem } from './system-tables.js'
import { loadValues } from './values.js'

export interface CqlServerOptions {
  /** The release of ScyllaDB that it says it is, such as `2026.1.5`. Default: none, as Cassandra 4.1. */
  readonly scylla?: string | undefined
  /** Whether keyspaces get tablets where the statement does not say. Default false. */
  readonly tablets?: boolean | undefined
  /** Shards of the node, of which it tells as ScyllaDB does. */
  readonly shards?: number | undefined
  /** Key and certificate; with them it speaks TLS only. */
  readonly tls?: TlsOptions | undefined
}

export interface CqlStatement {
  readonly query: string
  readonly params: readonly unknown[]
}

/** A request that the server got: one statement, or those of a batch. */
export interface CqlRequest extends Omit<SentRequest, 'statements'> {
  /** The statements, each on a line. */
  readonly query: string
  readonly statements: readonly CqlStatement[]
}

export interface CqlServer {
  readonly contactPoints: string[]
  readonly localDataCenter: string
  /** What was asked so far, but for what the driver asks when it connects. */
  readonly requests: readonly CqlRequest[]
  /** Connections that are open. */
  readonly connections: number
  /** The keyspaces and tables that statements have made. */
  readonly schema: CqlSchema
  /**
   * Answers what matches in this way, `times` times (default: always); a function that gives `undefined` leaves it to
   * the next rule, and to the default: empty rows, and a condition that holds. The newest rule counts first.
   */
  on(
    pattern: RegExp,
    answer: CqlAnswer | ((request: CqlRequest) => CqlAnswer | undefined),
    options?: { readonly times?: number | undefined },
  ): void
  stop(): Promise<void>
}

interface Rule {
  readonly pattern: RegExp
  readonly answer: CqlAnswer | ((request: CqlRequest) => CqlAnswer | undefined)
  left: number
}

const LOCAL_DATA_CENTER = 'datacenter1'

/**
 * A server on loopback that speaks version 4 of the native protocol, as far as cassandra-driver needs it, and plays
 * what it is told. It stores nothing but the schema: what is read is empty unless a rule says otherwise.
 * cassandra-driver has to be installed beside the testkit.
 */
export async function startCqlServer(options: CqlServerOptions = {}): Promise<CqlServer> {
  const { scylla: version, tablets = false, shards, tls } = options
  const values = loadValues()
  const schema: CqlSchema = new Map()
  const rules: Rule[] = []
  const requests: CqlRequest[] = []
  const prepared = new Map<string, { readonly query: string; readonly types: readonly string[] }>()
  const sockets = new Set<Socket>()

  const answerTo = (request: CqlRequest): CqlAnswer => {
    const { query } = request
    for (const rule of rules) {
      if (rule.left <= 0 || !rule.pattern.test(query)) continue
      const answer = typeof rule.answer === 'function' ? rule.answer(request) : rule.answer
      if (answer !== undefined) {
        rule.left -= 1
        return answer
      }
    }
    const system = answerSystem(query, { version, localDataCenter: LOCAL_DATA_CENTER, schema })
    if (system !== undefined) return system
    if (applySchemaChange(schema, query, tablets)) return done
    if (/^SELECT/i.test(query)) return rows({}, [])
    if (!/\bIF\b/i.test(query)) return done
    // ScyllaDB gives the previous row in any case; Cassandra only where the condition did not hold.
    const columns = version === undefined ? {} : (tableOf(schema, query)?.columns ?? {})
    return rows({ '[applied]': 'boolean', ...columns }, [{ '[applied]': true }])
  }

  /** As it was asked for; or the id of a statement that is not prepared, or no longer, as its table was dropped. */
  const toRequest = ({ statements, ...sent }: SentRequest): CqlRequest | Buffer => {
    const known: CqlStatement[] = []
    for (const { query, preparedId, values: bound } of statements) {
      const found = preparedId && prepared.get(preparedId.toString('hex'))
      if (preparedId !== undefined && (found === undefined || isOfMissingTable(schema, found.query))) return preparedId
      const types = found?.types ?? []
      const params = bound.map((bytes, i) => (bytes === null ? null : values.decode(bytes, types[i] ?? 'blob')))
      known.push({ query: found?.query ?? query ?? '', params })
    }
    return { ...sent, statements: known, query: known.map(({ query }) => query).join('\n') }
  }

  const prepare = (query: string): Result | undefined => {
    if (isOfMissingTable(schema, query)) return errorOf(0x2200, 'unconfigured table')
    const id = createHash('md5').update(query).digest()
    const types = boundTypes(query, tableOf(schema, query)?.columns ?? {})
    prepared.set(id.toString('hex'), { query, types })
    return preparedResult(id, types, values)
  }

  const respond = (frame: Frame): Result | 'hang-up' | undefined => {
    switch (frame.opcode) {
      case opcodes.startup:
        return { opcode: opcodes.ready, body: Buffer.alloc(0) }
      case opcodes.register:
        return { opcode: opcodes.ready, body: Buffer.alloc(0) }
      case opcodes.options:
        return { opcode: opcodes.supported, body: supported(shards) }
      case opcodes.prepare:
        return prepare(frame.body.subarray(4, 4 + frame.body.readInt32BE(0)).toString('utf8'))
      case opcodes.query:
      case opcodes.execute:
      case opcodes.batch: {
        const read = { [opcodes.query]: readQuery, [opcodes.execute]: readExecute, [opcodes.batch]: readBatch }
        const request = toRequest(read[frame.opcode as keyof typeof read](frame.body))
        if (Buffer.isBuffer(request)) return unpreparedResult(request)
        requests.push(request)
        const answer = answerTo(request)
        return answer.kind === 'hang-up' ? 'hang-up' : resultOf(answer, values)
      }
      default:
        return errorOf(0x000a, `Opcode ${frame.opcode} is not spoken here`)
    }
  }
  const errorOf = (code: number, message: string): Result | undefined =>
    resultOf({ kind: 'error', code, message, details: {} }, values)

  const serve = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // A client that breaks off is no fault of the server.
    socket.on('error', () => socket.destroy())
    const read = frameReader((frame) => {
      const result =
        frame.version === 4
          ? respond(frame)
          : errorOf(0x000a, 'Invalid or unsupported protocol version; the highest that is spoken is 4')
      if (result === 'hang-up') socket.destroy()
      else if (result !== undefined) socket.write(frameBytes(frame.stream, result.opcode, result.body))
    })
    socket.on('data', read)
  }

  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    contactPoints: [`127.0.0.1:${port}`],
    localDataCenter: LOCAL_DATA_CENTER,
    requests,
    schema,
    get connections() {
      return sockets.size
    },
    on(pattern, answer, { times = Number.POSITIVE_INFINITY } = {}) {
      rules.unshift({ pattern, answer, left: times })
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The answer to OPTIONS. ScyllaDB tells its shards in fields that begin with `SCYLLA_`. */
function supported(shards: number | undefined): Buffer {
  const fields: Record<string, string> = { CQL_VERSION: '3.3.1', COMPRESSION: 'lz4' }
  if (shards !== undefined) {
    Object.assign(fields, {
      SCYLLA_NR_SHARDS: String(shards),
      SCYLLA_SHARD: '0',
      SCYLLA_PARTITIONER: 'org.apache.cassandra.dht.Murmur3Partitioner',
      SCYLLA_SHARDING_ALGORITHM: 'biased-token-round-robin',
    })
  }
  const body = new BodyWriter().short(Object.keys(fields).length)
  for (const [name, value] of Object.entries(fields)) body.string(name).short(1).string(value)
  return body.toBuffer()
}
