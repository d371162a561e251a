import { QdrantClient } from '@qdrant/js-client-rest'
import { invalid } from '@tandemstore/core/adapter'
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
>

const DEFAULT_TIMEOUT_MS = 30_000
const DEFAULT_PORT = 6333

/** The given client, or one for the URL. Nothing connects before its first call, and it needs no closing. */
export function toClient(connection: QdrantConnection): QdrantClientLike {
  if ('client' in connection) return connection.client
  const { url, apiKey, timeoutMs = DEFAULT_TIMEOUT_MS } = connection
  if (!URL.canParse(url)) throw invalid('url', 'an http:// or https:// URL')
  const { protocol, hostname, port, pathname } = new URL(url)
  // URL hides a port that is the default of its protocol, and the client would then take 6333.
  const ownPort = /^https?:\/\/[^/?#]*:(80|443)(?:[/?#]|$)/.exec(url)?.[1]
  return new QdrantClient({
    url: `${protocol}//${hostname}`,
    port: Number(port || (ownPort ?? DEFAULT_PORT)),
    ...(pathname === '/' ? {} : { prefix: pathname.replace(/\/$/, '') }),
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
}
