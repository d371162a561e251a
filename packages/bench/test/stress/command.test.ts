import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { StressReport } from '../../src/result.js'
import { runCommand } from '../command.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const small = ['stress', '--documents', '20', '--concurrency', '4', '--duration', '0.5']

it('ends with 0 where all went well, with 3 where searches are too slow', async () => {
  const json = join(folder, 'report.json')
  const { code, stdout, stderr } = await runCommand([...small, '--store', 'sqlite', '--json', json], { folder })
  expect(code, stderr).toBe(0)
  expect(stdout).toContain('Errors: none')
  expect(stdout).toMatch(/Drift in \d+ documents: 0 missing, 0 stale, 0 orphaned/)
  const report = JSON.parse(await readFile(json, 'utf8')) as StressReport
  expect(report).toMatchObject({
    command: 'stress',
    store: 'sqlite',
    configuration: { documents: 20, concurrency: 4, durationSeconds: 0.5 },
  })
  expect(await runCommand([...small, '--max-p95', '0.001'], { folder })).toMatchObject({ code: 3 })
})

it('ends with 1 after errors', async () => {
  const { code, stdout } = await runCommand(small, { folder, env: { SLOW_REFUSES: 'queries' } })
  expect(code).toBe(1)
  expect(stdout).toMatch(/Errors: \d+ × EMBEDDING_FAILED/)
})
