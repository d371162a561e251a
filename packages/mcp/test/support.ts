import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CallToolResult, Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { createStore, type JsonObject, type Store, type StoreOptions } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fakeEmbedder } from '@tandemstore/testkit'
import { onTestFinished } from 'vitest'
import { createMcpServer, type McpServerOptions } from '../src/index.js'

export const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

/** The versions of the protocol that are spoken with: by a handshake, and without. */
export const protocols = ['2025-11-25', '2026-07-28'] as const
export type ProtocolVersion = (typeof protocols)[number]

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-mcp-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A store in memory, whose texts are near one another if they share words. */
export async function openStore(options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await createStore({
    collection: 'memories',
    kv: memoryKV(),
    vectors: memoryIndex(),
    embedder: fakeEmbedder(),
    index: { fields: ['title', 'text'] },
    ...options,
  })
  onTestFinished(async () => {
    await store.close()
  })
  return store
}

export function newClient(version: ProtocolVersion = '2025-11-25'): Client {
  const mode = version === '2025-11-25' ? 'legacy' : { pin: version }
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } })
  onTestFinished(() => client.close())
  return client
}

/** A client of a server in this process. */
export async function connect(store: Store, options: McpServerOptions): Promise<Client> {
  const [here, there] = InMemoryTransport.createLinkedPair()
  await createMcpServer(store, options).connect(there)
  const client = newClient()
  await client.connect(here)
  return client
}

/** A client of a server in a process of its own. */
export async function connectStdio(
  args: readonly string[],
  { version, env = {} }: { version?: ProtocolVersion; env?: Record<string, string> } = {},
): Promise<{ client: Client; transport: StdioClientTransport; log: () => string }> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [cli, ...args],
    env: { PATH: process.env.PATH ?? '', ...env },
    stderr: 'pipe',
  })
  let log = ''
  transport.stderr?.on('data', (chunk) => {
    log += chunk
  })
  const client = newClient(version)
  await client.connect(transport)
  return { client, transport, log: () => log }
}

export async function callTool(client: Client, name: string, args: JsonObject = {}): Promise<CallToolResult> {
  return await client.callTool({ name, arguments: { ...args } })
}

/** What a tool answers, which has to be no error. */
// biome-ignore lint/suspicious/noExplicitAny: each tool has a form of its own, which the client has checked
export async function answerOf(client: Client, name: string, args: JsonObject = {}): Promise<any> {
  const result = await callTool(client, name, args)
  if (result.isError === true) throw new Error(`${name}: ${textOf(result)}`)
  return result.structuredContent
}

export function textOf({ content }: CallToolResult): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
}
