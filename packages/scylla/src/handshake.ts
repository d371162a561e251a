import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { StoreError } from '@tandemstore/core/adapter'
import { describeError, isMisconfiguration, untilAborted } from './errors.js'

/** OPTIONS, version 4 of the native protocol (native_protocol_v4.spec, sections 2 and 4.1.3). */
const OPTIONS_FRAME = Buffer.from([0x04, 0, 0, 0, 0x05, 0, 0, 0, 0])
const HEADER_BYTES = 9
const SUPPORTED = 0x06
const DEFAULT_PORT = 9042
/** The first byte of a record of TLS: an alert, or a handshake. */
const TLS_RECORDS: readonly (number | undefined)[] = [0x15, 0x16]

export interface HandshakeOptions {
  readonly contactPoints: readonly string[]
  /** The port of contact points that name none. */
  readonly port: number | undefined
  /** Options of TLS; without them the connection is plain. */
  readonly tls: ConnectionOptions | undefined
  readonly timeoutMs: number
}

/**
 * Asks the contact points what they support, all at once, and gives the first answer. The driver tells neither how
 * many shards a node has, nor apart why no node is there: a wrong port, another protocol, a certificate.
 * @throws StoreError CONFIGURATION, TIMEOUT or UNAVAILABLE, with the reason of each address, if none answers
 */
export async function readSupported(
  { contactPoints, port = DEFAULT_PORT, tls, timeoutMs }: HandshakeOptions,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const sockets: Socket[] = []
  const ask = (point: string): Promise<Buffer> => {
    const { host, port: own = port } = addressOf(point)
    const socket = tls === undefined ? connectTcp({ host, port: own }) : connectTls({ ...tls, host, port: own })
    sockets.push(socket)
    return askOptions(socket, tls !== undefined, timeoutMs)
  }
  try {
    // Called in a promise, as a port that is none throws at once.
    const asking = contactPoints.map(async (point) => ask(point))
    const body = await untilAborted(Promise.any(asking), signal)
    return readMultimap(body)
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error
    throw noAnswer(contactPoints, error.errors)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

/** Shards of the node: threads of ScyllaDB that each have data of their own. `undefined` where it tells of none. */
export function shardsOf(supported: ReadonlyMap<string, readonly string[]>): number | undefined {
  const count = Number(supported.get('SCYLLA_NR_SHARDS')?.[0])
  return Number.isInteger(count) && count > 0 ? count : undefined
}

/** `host`, `host:port`, `[IPv6]:port` or an IPv6 address alone. */
export function addressOf(point: string): { readonly host: string; readonly port: number | undefined } {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(point) ?? []
  const host = bracketed ?? plain
  return host === undefined ? { host: point, port: undefined } : { host, port: Number(port) }
}

/** The body of the answer to OPTIONS. */
function askOptions(socket: Socket, isTls: boolean, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0)
    const fail = (error: Error): void => {
      clearTimeout(timer)
      reject(error)
    }
    const timer = setTimeout(
      () => fail(new StoreError('TIMEOUT', `no answer within ${timeoutMs} ms (socketOptions.connectTimeout)`)),
      timeoutMs,
    )
    socket.once(isTls ? 'secureConnect' : 'connect', () => socket.write(OPTIONS_FRAME))
    socket.once('error', fail)
    // A port that wants TLS says nothing to who does not speak it.
    const hint = isTls ? '' : ' (if it wants TLS, give `sslOptions`)'
    socket.once('close', () => fail(new Error(`the connection was closed before an answer came${hint}`)))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const [version = 0, , , , opcode] = received
      if (version < 0x81) return fail(otherProtocol(received))
      if (received.length < HEADER_BYTES) return
      const end = HEADER_BYTES + received.readUInt32BE(5)
      if (received.length < end) return
      clearTimeout(timer)
      // An error is an answer, too, and the driver finds a version that both speak.
      resolve(opcode === SUPPORTED ? received.subarray(HEADER_BYTES, end) : Buffer.alloc(2))
    })
  })
}

function otherProtocol(received: Buffer): StoreError {
  const hint = TLS_RECORDS.includes(received[0])
    ? 'it speaks TLS: give `sslOptions`'
    : `it does not speak CQL (its answer begins with ${JSON.stringify(received.toString('latin1', 0, 16))})`
  return new StoreError('CONFIGURATION', hint)
}

function noAnswer(contactPoints: readonly string[], errors: readonly unknown[]): StoreError {
  const reasons = contactPoints.map((point, i) => `${point}: ${describeError(errors[i])}`).join('; ')
  const isCode = (error: unknown, code: string): boolean => StoreError.isInstance(error) && error.code === code
  // While another address may only be away for a while, trying again can help.
  const isWrong = errors.every((error) => isMisconfiguration(error) || isCode(error, 'CONFIGURATION'))
  const isSilent = errors.every((error) => isCode(error, 'TIMEOUT'))
  const code = isWrong ? 'CONFIGURATION' : isSilent ? 'TIMEOUT' : 'UNAVAILABLE'
  return new StoreError(code, `ScyllaDB/Cassandra could not connect: ${reasons}`, { cause: errors[0] })
}

/** A multimap of texts: short counts and lengths, big endian. */
function readMultimap(body: Buffer): ReadonlyMap<string, readonly string[]> {
  let at = 0
  const readShort = (): number => {
    at += 2
    return body.readUInt16BE(at - 2)
  }
  const readText = (): string => {
    const length = readShort()
    at += length
    return body.toString('utf8', at - length, at)
  }
  const found = new Map<string, readonly string[]>()
  for (let left = readShort(); left > 0; left -= 1) {
    const name = readText()
    found.set(
      name,
      Array.from({ length: readShort() }, () => readText()),
    )
  }
  return found
}
