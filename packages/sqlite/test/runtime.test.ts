import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { hasWalResetFix } from '../src/wal-reset.js'

/** Runs a program as `node --input-type=module --eval` does, a flag that a worker thread must not get. */
async function evaluate(program: string): Promise<string> {
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { cwd })
  return stdout.trim()
}

test('the flags of the process do not reach the thread', async () => {
  const program = `import { sqlite } from '@tandemstore/sqlite'
    const collection = await sqlite({ path: ':memory:' }).kv.open('notes')
    await collection.close()
    console.log('opened')`
  expect(await evaluate(program)).toBe('opened')
})

test('a bundle without the file of the thread: CONFIGURATION, with the line that mends it', async () => {
  const directory = await mkdtemp(join(fileURLToPath(new URL('../node_modules', import.meta.url)), 'bundled-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await cp(fileURLToPath(new URL('../dist', import.meta.url)), directory, { recursive: true })
  await rm(join(directory, 'worker.js'))
  const program = `import { sqlite } from ${JSON.stringify(pathToFileURL(join(directory, 'index.js')).href)}
    const { kv, vectors } = sqlite({ path: ':memory:' })
    const space = { name: 's', dimensions: 1, metric: 'dot', filterable: {} }
    for (const opening of [kv.open('notes'), vectors.open(space)])
      await opening.catch((error) => console.log(error.code, error.message))`
  const lines = (await evaluate(program)).split('\n')
  expect(lines).toHaveLength(2)
  for (const line of lines) {
    expect(line).toMatch(/^CONFIGURATION /)
    expect(line).toContain("serverExternalPackages: ['@tandemstore/sqlite']")
    expect(line).toContain("external: ['@tandemstore/sqlite']")
  }
})

test('versions of SQLite that can lose transactions at a checkpoint are known', () => {
  for (const version of ['3.50.4', '3.50.6', '3.51.0', '3.51.2', '3.44.5', '3.49.9']) {
    expect(hasWalResetFix(version), version).toBe(false)
  }
  for (const version of ['3.44.6', '3.50.7', '3.51.3', '3.52.0', '3.53.4', '4.0.0']) {
    expect(hasWalResetFix(version), version).toBe(true)
  }
})
