import { cp, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { cli, run, temporaryFolder } from '../run.js'

test('mcp is the command of its package, with its arguments, on standard input and output', async () => {
  const folder = await temporaryFolder()
  const hello = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  }
  const { code, stdout } = await run(['mcp', '--db', 'memory.db'], { folder, input: `${JSON.stringify(hello)}\n` })
  expect(code).toBe(0)
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(answers).toMatchObject([{ id: 1, result: { serverInfo: { name: expect.any(String) } } }])
  expect((await run(['mcp', '--nope'], { folder })).code).not.toBe(0)
})

test('a command whose package is not there says what to install', async () => {
  const folder = await temporaryFolder()
  // A copy that finds the packages around it, and not this one.
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, '@tandemstore'), { recursive: true })
  for (const name of [
    'commander',
    'string-width',
    'cli-progress',
    'csv-parse',
    'yaml',
    '@tandemstore/core',
    '@tandemstore/sqlite',
  ]) {
    const source = join(dirname(cli), '../node_modules', name)
    await cp(source, join(modules, name), { recursive: true, dereference: false, verbatimSymlinks: false })
  }
  await cp(dirname(cli), join(folder, 'dist'), { recursive: true })
  const program = join(folder, 'dist/cli.js')
  const cases = {
    '@tandemstore/mcp': ['mcp'],
    '@tandemstore/scylla': ['count', '--scylla', '127.0.0.1', '--keyspace', 'k', '--collection', 'c'],
  }
  for (const [name, args] of Object.entries(cases)) {
    const { code, stderr } = await run(args, { folder, program })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`npm install ${name}`) })
  }
})
