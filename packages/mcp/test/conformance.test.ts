import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { serveHttp } from '../src/index.js'
import { answerOf, connect, openStore, protocols, temporaryFolder } from './support.js'

interface Check {
  readonly id: string
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED'
  readonly errorMessage?: string
}

const tool = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/dist/index.js')

/**
 * The tool tests its own reference server, whose tools, prompts and resources are named `test…`. What it cannot test on
 * another server it counts as failed: its fixtures are not here, and this server declares no prompts, completions,
 * logging or subscriptions, so that their methods have to be unknown.
 */
const isOfItsFixtures = ({ errorMessage = '' }: Check): boolean =>
  /\btest_\w+|test:\/\/|json_schema_2020_12_tool|x-mcp-header|Method not found|^Prerequisite failed/.test(errorMessage)

/** Says nothing of why: the tool that it calls, `test_input_required_result_multi_round`, is not here. */
const unexplained = ['sep-2322-multi-round-r1']

/** Checks that have to pass, by protocol: those that say something of this server. */
const required = {
  '2025-11-25': ['server-initialize', 'ping', 'tools-list', 'tools-name-format', 'resources-list', 'wire-schema-valid'],
  '2026-07-28': [
    'tools-list',
    'resources-list',
    'wire-schema-valid',
    'sep-2575-server-implements-discover',
    'sep-2575-discover-capabilities-match-handlers',
    'sep-2575-server-unsupported-version-error',
    'sep-2575-server-sends-subscription-ack',
    'sep-2549-resources-read-caching-hints',
    'sep-2243-server-reject-invalid-headers',
    'sep-2164-error-code',
    'sep-2322-not-on-unsupported-requests',
  ],
}

async function runTool(url: string, version: string): Promise<Check[]> {
  const folder = await temporaryFolder()
  const args = [tool, 'server', '--url', url, '--suite', 'all', '--spec-version', version, '--output-dir', folder]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [log] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  const scenarios = await readdir(folder)
  if (scenarios.length === 0) throw new Error(`The conformance tool made no results:\n${log}`)
  const files = scenarios.map((scenario) => readFile(join(folder, scenario, 'checks.json'), 'utf8'))
  return (await Promise.all(files)).flatMap((file) => JSON.parse(file) as Check[])
}

describe.each(protocols)('the conformance tool of the protocol, %s', (version) => {
  it('finds nothing wrong', async () => {
    const store = await openStore()
    const namespace = ['users', 'ann']
    await answerOf(await connect(store, { namespace }), 'memory_save', {
      text: 'green tea',
      key: 'drink',
      labels: ['a b'],
    })
    const served = await serveHttp(store, { namespace, port: 0, insecure: true, onError: () => {} })
    onTestFinished(() => served.close())
    const checks = await runTool(served.url, version)
    const failed = checks.filter(({ status }) => status === 'FAILURE')
    const ours = failed.filter((check) => !isOfItsFixtures(check) && !unexplained.includes(check.id))
    expect(ours).toEqual([])
    const passed = new Set(checks.filter(({ status }) => status === 'SUCCESS').map(({ id }) => id))
    expect([...passed]).toEqual(expect.arrayContaining(required[version]))
    expect(failed.map(({ id }) => id)).not.toContain('wire-schema-valid')
  })
})
