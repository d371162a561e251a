import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type Store, StoreError } from '@tandemstore/core'
import { openConfigured, type ServerConfig } from './config-file.js'
import { defaultPath, openDefaultStore } from './default-store.js'
import { serveHttp } from './http.js'
import type { McpServerOptions } from './options.js'
import { serveStdio, takeStdout } from './stdio.js'
import { packageVersion } from './version.js'

const USAGE = `Serves a memory for agents over the Model Context Protocol, on stdin and stdout or HTTP.

  tandem-mcp [--db FILE | --config FILE] [--namespace users/42] [--read-only] [--http PORT]

  --db FILE            SQLite file of the memory (TANDEM_MCP_DB; default ${defaultPath()})
  --config FILE        module that exports the options of createStore (TANDEM_MCP_CONFIG)
  --namespace LABELS   where the memories lie, labels with slashes between (TANDEM_MCP_NAMESPACE; default memories)
  --read-only          only the tools that read
  --http PORT          streamable HTTP instead of stdin and stdout, on 127.0.0.1; the token is TANDEM_MCP_TOKEN, or a
                       new one that is printed
  --host ADDRESS       another address to listen on
  --allow-host NAME    a name that clients call this machine by, beside localhost; may be repeated
  --insecure           HTTP without a token, on a loopback address only
  --version, --help
`
/** How long the end of the process waits for what is not searchable yet; recovery has the rest, milliseconds. */
const CLOSE_MS = 5000

/**
 * Runs `tandem-mcp` with the arguments after its name, until the client has gone or the process is told to end. Gives
 * the exit code: 0, 1 after an error, 2 for a wrong flag.
 */
export async function runMcp(args: readonly string[]): Promise<number> {
  let flags: Flags
  try {
    flags = parse(args)
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${USAGE}`)
    return 2
  }
  if (flags.help === true || flags.version === true) {
    process.stdout.write(flags.help === true ? USAGE : `${packageVersion}\n`)
    return 0
  }
  try {
    await run(flags)
    return 0
  } catch (error) {
    process.stderr.write(`tandem-mcp: ${messageOf(error)}\n`)
    return 1
  }
}

type Flags = ReturnType<typeof parse>

function parse(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      db: { type: 'string' },
      config: { type: 'string' },
      namespace: { type: 'string' },
      'read-only': { type: 'boolean' },
      http: { type: 'string' },
      host: { type: 'string' },
      'allow-host': { type: 'string', multiple: true },
      insecure: { type: 'boolean' },
      version: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const { http, host, insecure, 'allow-host': allowed } = values
  if (values.db !== undefined && values.config !== undefined) throw new Error('Give --db or --config, not both')
  if (http !== undefined && !/^\d{1,5}$/.test(http)) throw new Error('--http: expected a port')
  if (http === undefined && (host !== undefined || insecure === true || allowed !== undefined))
    throw new Error('--host, --allow-host and --insecure need --http')
  return values
}

async function run(flags: Flags): Promise<void> {
  // Before anything else runs that might write there.
  if (flags.http === undefined) takeStdout()
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  const { store, where, ...config } = await open(flags)
  try {
    const options = serverOptions(flags, config)
    const about = `tandem-mcp ${packageVersion}: ${where}, namespace ${namespaceText(options)}`
    if (flags.http === undefined) await untilGone(store, options, about, stopped)
    else await untilStopped(store, options, about, { flags, config, port: Number(flags.http), stopped })
  } finally {
    await store.close({ timeoutMs: CLOSE_MS })
  }
}

async function open(flags: Flags): Promise<ServerConfig & { readonly store: Store; readonly where: string }> {
  const { TANDEM_MCP_DB, TANDEM_MCP_CONFIG } = process.env
  const config = flags.config ?? (flags.db === undefined ? TANDEM_MCP_CONFIG : undefined)
  if (config !== undefined) return { ...(await openConfigured(config)), where: config }
  const path = flags.db ?? TANDEM_MCP_DB ?? defaultPath()
  return { store: await openDefaultStore({ path }), where: path }
}

function serverOptions(flags: Flags, { namespace, fields }: ServerConfig): McpServerOptions {
  const given = flags.namespace ?? process.env.TANDEM_MCP_NAMESPACE
  // One of the two would put every user in the other's place.
  if (given !== undefined && namespace !== undefined)
    throw new StoreError('CONFIGURATION', 'The configuration file exports a namespace: give no other', {
      field: 'namespace',
    })
  return { namespace: given?.split('/') ?? namespace ?? ['memories'], fields, readOnly: flags['read-only'] }
}

function namespaceText({ namespace }: McpServerOptions): string {
  return typeof namespace === 'function' ? 'by user' : namespace.join('/')
}

async function untilGone(
  store: Store,
  options: McpServerOptions,
  about: string,
  stopped: Promise<void>,
): Promise<void> {
  const served = serveStdio(store, options)
  process.stderr.write(`${about}, over stdio\n`)
  await Promise.race([served.closed, stopped])
  await served.close()
}

interface HttpRun {
  readonly flags: Flags
  readonly config: ServerConfig
  readonly port: number
  readonly stopped: Promise<void>
}

async function untilStopped(store: Store, options: McpServerOptions, about: string, run: HttpRun): Promise<void> {
  const { flags, config, port, stopped } = run
  const { host, insecure, 'allow-host': allowed } = flags
  const { authenticate } = config
  const needsToken = authenticate === undefined && insecure !== true
  const token = needsToken ? (process.env.TANDEM_MCP_TOKEN ?? randomBytes(24).toString('base64url')) : undefined
  const allowedHosts = allowed === undefined ? undefined : ['localhost', '127.0.0.1', '[::1]', ...allowed]
  const served = await serveHttp(store, { ...options, port, host, insecure, authenticate, token, allowedHosts })
  process.stderr.write(`${about}, at ${served.url}\n`)
  if (token !== undefined && process.env.TANDEM_MCP_TOKEN === undefined)
    process.stderr.write(`Authorization: Bearer ${token}\nSet TANDEM_MCP_TOKEN to keep one.\n`)
  await stopped
  await served.close()
}

function messageOf(error: unknown): string {
  if (StoreError.isInstance(error)) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}
