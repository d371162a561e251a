import { QdrantClient } from '@qdrant/js-client-rest'
import { StoreError } from '@tandemstore/core/adapter'
import type { QdrantConnection } from './options.js'

/** The part of a client of `@qdrant/js-client-rest` that is used. */
export type QdrantClientLike = Pick<
  QdrantClient,
  | 'batchUpdate'
  | 'collectionExists'
  | 'count'
  | 'createCollection'
  | 'createPayloadIndex'
  | 'delete'
  | 'deleteCollection'
  | 'getCollection'
  | 'query'
  | 'queryGroups'
  | 'retrieve'
  | 'scroll'
  | 'versionInfo'
> &
  // Clients before 1.18 do not have it.
  Partial<Pick<QdrantClient, 'createVectorName'>>

const DEFAULT_TIMEOUT_MS = 30_000
const DEFAULT_PORT = 6333

/** A client, and what is known of where it sends to. */
export interface QdrantServer {
  readonly client: QdrantClientLike
  /** For messages; `undefined` where the client is the caller's. */
  readonly address?: string | undefined
  readonly timeoutMs?: number | undefined
}

/** The given client, or one for the URL. Nothing connects before its first call, and it needs no closing. */
export function toServer(connection: QdrantConnection): QdrantServer {
  if ('client' in connection) return { client: connection.client }
  const { url, apiKey, timeoutMs = DEFAULT_TIMEOUT_MS } = connection
  const { protocol, hostname, port, pathname } = new URL(url)
  // URL hides a port that is the default of its protocol, and the client would then take 6333.
  const ownPort = /^https?:\/\/[^/?#]*:(80|443)(?:[/?#]|$)/.exec(url)?.[1]
  const usedPort = Number(port || (ownPort ?? DEFAULT_PORT))
  const prefix = pathname.replace(/\/$/, '')
  const client = new QdrantClient({
    url: `${protocol}//${hostname}`,
    port: usedPort,
    ...(prefix === '' ? {} : { prefix }),
    headers: {
      // Answers are a few kilobytes: packing and unpacking one takes both sides longer than the rest of the request.
      'accept-encoding': 'identity',
      // As a header: the client's own option writes a warning to the console for http.
      ...(apiKey === undefined ? {} : { 'api-key': apiKey }),
    },
    timeout: timeoutMs,
    // It would ask in the background and answer on the console. The version is checked on open.
    checkCompatibility: false,
  })
  refuseRedirects(client)
  return { client, address: `${protocol}//${hostname}:${usedPort}${prefix}`, timeoutMs }
}

type Api = ReturnType<QdrantClient['api']>

/**
 * A redirect would take the key, a header that fetch does not strip, and the points to a server that nobody named. The
 * client has no option for it, but each operation of its API takes settings of fetch, which the client leaves out.
 */
function refuseRedirects(client: QdrantClient): void {
  const api = new Proxy(client.api(), {
    get(operations, name) {
      const operation: unknown = Reflect.get(operations, name)
      if (typeof operation !== 'function') return operation
      return (payload: unknown) => operation(payload, { redirect: 'manual' })
    },
  }) as Api
  Object.assign(client, { _openApiClient: api })
  // Should a later version of the client keep it elsewhere.
  if (client.api() !== api)
    throw new StoreError(
      'NOT_SUPPORTED',
      'This version of @qdrant/js-client-rest cannot be kept from following redirects',
    )
}
