import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openDefaultStore } from '../src/index.js'
import { answerOf, callTool, cli, connectStdio, protocols, temporaryFolder, textOf } from './support.js'

const noisy = fileURLToPath(new URL('./programs/noisy.config.ts', import.meta.url))

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { stdout, stderr, code }
}

describe.each(protocols)('the command over stdio, protocol %s', (version) => {
  it('remembers from one process to the next without configuration', async () => {
    const home = await temporaryFolder()
    const env = { HOME: home, XDG_DATA_HOME: join(home, 'data'), LOCALAPPDATA: join(home, 'data') }
    const first = await connectStdio([], { version, env })
    expect(first.client.getServerVersion()?.name).toBe('tandem-memory')
    await answerOf(first.client, 'memory_save', { text: 'Ann prefers green tea to coffee', key: 'drink' })
    await answerOf(first.client, 'memory_save', { text: 'The bicycle is at the repair shop', key: 'bike' })
    await first.client.close()

    const second = await connectStdio([], { version, env })
    const found = await answerOf(second.client, 'memory_search', { query: 'what does she like to drink?', limit: 1 })
    expect(found.hits).toMatchObject([{ key: 'drink' }])
    const { resources } = await second.client.listResources()
    expect(resources.map(({ uri }) => uri)).toEqual(['memory:/', 'memory:bike', 'memory:drink'])
    const { contents } = await second.client.readResource({ uri: 'memory:drink' })
    expect(contents).toMatchObject([{ text: expect.stringContaining('green tea') }])
    await second.client.close()

    if (process.platform !== 'linux') return
    const file = join(home, 'data', 'tandem', 'memory.sqlite')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(join(home, 'data', 'tandem'))).mode & 0o777).toBe(0o700)
  })

  it('writes nothing but the protocol to stdout, whatever the configuration does', async () => {
    const { client, transport, log } = await connectStdio(['--config', noisy], { version })
    const errors: Error[] = []
    transport.onerror = (error) => errors.push(error)
    await answerOf(client, 'memory_save', { text: 'some text', key: 'a' })
    expect((await answerOf(client, 'memory_search', { query: 'text' })).hits).toMatchObject([
      { key: 'a', title: 'some text' },
    ])
    expect((await answerOf(client, 'memory_get', { key: 'a' })).value).toEqual({ body: 'some text' })
    expect(errors).toEqual([])
    expect(log()).toContain('loading the configuration')
    expect(log().match(/embedding 1/g)?.length).toBeGreaterThan(3)
    expect(log()).toContain('namespace from/config')
  })

  it('refuses a large text, and goes on', async () => {
    const folder = await temporaryFolder()
    const { client } = await connectStdio(['--db', join(folder, 'a.sqlite')], { version })
    const result = await callTool(client, 'memory_save', { text: 'x'.repeat(12_000_000) })
    expect(result.isError).toBe(true)
    expect(textOf(result)).toContain('text: Too big')
    await answerOf(client, 'memory_save', { text: 'short' })
    await expect(callTool(client, 'memory_burn')).rejects.toThrow('memory_burn not found')
  })
})

describe('the lines of the command', () => {
  it('on stdout are all messages, also after lines that are none', async () => {
    const folder = await temporaryFolder()
    const child = spawn(process.execPath, [cli, '--db', join(folder, 'a.sqlite')], { stdio: ['pipe', 'pipe', 'pipe'] })
    const log = text(child.stderr)
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const say = (line: string) => child.stdin.write(`${line}\n`)
    const hear = async () => JSON.parse((await lines.next()).value as string)
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } }
    say('this is no JSON')
    say(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }))
    expect(await hear()).toMatchObject({ id: 1, result: { protocolVersion: '2025-11-25' } })
    say('{"jsonrpc":"2.0"')
    say('[]')
    say(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }))
    say(JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'nothing/known' }))
    expect(await hear()).toMatchObject({ id: 2, error: { code: -32_601 } })
    say(JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'memory_list', arguments: {} } }))
    expect(await hear()).toMatchObject({ id: 3, result: { structuredContent: { memories: [] } } })
    child.stdin.end()
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
    expect((await lines.next()).done).toBe(true)
    expect(await log).toContain('over stdio')
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('end at %s with all that was saved', async (signal) => {
    const folder = await temporaryFolder()
    const path = join(folder, 'a.sqlite')
    const { client, transport } = await connectStdio(['--db', path, '--namespace', 'users/ann'])
    await answerOf(client, 'memory_save', { text: 'kept', key: 'a' })
    const closed = new Promise<void>((resolve) => {
      client.onclose = resolve
    })
    process.kill(transport.pid as number, signal)
    await closed
    await using store = await openDefaultStore({ path })
    expect((await store.get(['users', 'ann'], 'a'))?.value).toEqual({ text: 'kept' })
    expect((await store.verify()).missing).toBe(0)
  })

  it('say how it is used', async () => {
    const help = await run(['--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain('--namespace')
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n', stderr: '' })
  })

  it.each([
    [['--nope'], 2, "Unknown option '--nope'"],
    [['more'], 2, 'more'],
    [['--db', 'a', '--config', 'b'], 2, 'not both'],
    [['--http', 'x'], 2, '--http: expected a port'],
    [['--insecure'], 2, 'need --http'],
    [['--config', '/nowhere/config.ts'], 1, 'CONFIGURATION: /nowhere/config.ts'],
    [['--config', cli.replace('cli.js', 'uri.js')], 1, 'as default export'],
    [['--config', noisy, '--namespace', 'a'], 1, 'give no other'],
    [['--db', '/dev/null/a.sqlite'], 1, 'tandem-mcp: '],
  ])('tell what is wrong with %j', async (args, code, message) => {
    const result = await run(args)
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toContain(message)
  })

  it('take environment variables', async () => {
    const path = join(await temporaryFolder(), 'from', 'env.sqlite')
    const { client, log } = await connectStdio([], { env: { TANDEM_MCP_DB: path, TANDEM_MCP_NAMESPACE: 'users/ann' } })
    await answerOf(client, 'memory_list')
    expect(existsSync(path)).toBe(true)
    expect(log()).toContain('namespace users/ann')
    const second = await connectStdio(['--read-only'], { env: { TANDEM_MCP_CONFIG: noisy } })
    expect((await second.client.listTools()).tools).toHaveLength(3)
  })
})
