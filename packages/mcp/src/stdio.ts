import { Writable } from 'node:stream'
import { StdioServerTransport, serveStdio as serveFactory } from '@modelcontextprotocol/server/stdio'
import type { Store } from '@tandemstore/core'
import { checkServerOptions, type McpServerOptions } from './options.js'
import { createMcpServer } from './server.js'

/** Longest message, bytes. A longer one ends the connection, so this is far above what a store takes. */
const MAX_MESSAGE_BYTES = 64 * 2 ** 20

export interface ServedStdio {
  /** Resolves when the client has gone, or `close` was called. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/**
 * Serves a store over stdin and stdout, old and new versions of the protocol alike. From now on everything else that
 * this process writes to stdout goes to stderr. The store stays open.
 *
 * @throws StoreError INVALID_ARGUMENT for wrong options.
 */
export function serveStdio<T extends object, Input extends object>(
  store: Store<T, Input>,
  options: McpServerOptions,
): ServedStdio {
  const { report } = checkServerOptions(options)
  const transport = new StdioServerTransport(process.stdin, takeStdout(), { maxBufferSize: MAX_MESSAGE_BYTES })
  const served = serveFactory(() => createMcpServer(store, options), { transport, onerror: report })
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const { onclose } = transport
  transport.onclose = () => {
    onclose?.()
    resolve()
  }
  return { closed, close: () => served.close() }
}

let taken: Writable | undefined

/** Keeps stdout for the protocol: a log line of any library would break it. */
export function takeStdout(): Writable {
  if (taken !== undefined) return taken
  const { stdout, stderr } = process
  const write = stdout.write.bind(stdout)
  taken = new Writable({
    decodeStrings: false,
    write(chunk, encoding, done) {
      write(chunk, encoding, done)
    },
  })
  stdout.on('error', (error) => taken?.destroy(error))
  stdout.write = stderr.write.bind(stderr)
  return taken
}
