import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { startCassandra, startQdrant } from '@tandemstore/testkit/services'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const main = resolve(import.meta.dirname, '../src/main.ts')
const run = promisify(execFile)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-compare-'))
  const chapters = ['green tea', 'distant stars', 'old trains', 'wild rivers', 'rye bread', 'honey bees']
  const text = chapters.map((each) => `# All about ${each}\n\nThis chapter tells you what ${each} are good for.\n`)
  await writeFile(join(folder, 'book.md'), text.join('\n'))
})
afterEach(() => rm(folder, { recursive: true }))

async function compareWith(store: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = ['--store', store, '--embedder', 'local', '--embedder', 'openai:text-embedding-3-small']
  const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', main, folder, ...options], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: folder, OPENAI_API_KEY: '', ...env },
  })
  expect(stdout).toMatch(/^local .* 1\.000 /m)
  expect(stdout).toContain('Not compared: openai:text-embedding-3-small (OpenAI needs a key')
  expect(await readFile(join(folder, 'comparison.html'), 'utf8')).toContain('local')
  expect((await readdir(folder)).sort()).toEqual(['book.md', 'comparison.html'])
  return stdout
}

describe('the example that compares embedders', () => {
  it.each(['memory', 'sqlite'])('keeps the documents in %s meanwhile', { timeout: 120_000 }, async (store) => {
    expect(await compareWith(store)).toMatch(/local reaches nDCG@10 /)
  })

  it('refuses a store that there is not', { timeout: 60_000 }, async () => {
    await expect(compareWith('paper')).rejects.toThrow('one of memory, sqlite, scylla-qdrant')
  })

  it('keeps them in Cassandra and Qdrant', { timeout: 600_000 }, async ({ skip }) => {
    const [cassandra, qdrant] = await Promise.all([startCassandra(), startQdrant()])
    try {
      if ('skipped' in cassandra || qdrant === undefined) return skip('SKIPPED: there is no Cassandra or no Qdrant')
      await compareWith('scylla-qdrant', {
        TANDEM_SCYLLA: cassandra.contactPoints.join(','),
        TANDEM_SCYLLA_DC: cassandra.localDataCenter,
        TANDEM_QDRANT_URL: qdrant.url,
        TANDEM_QDRANT_API_KEY: qdrant.apiKey ?? '',
      })
    } finally {
      await Promise.all(['skipped' in cassandra ? undefined : cassandra.stop(), qdrant?.stop()])
    }
  })
})
