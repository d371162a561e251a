// Runs the suites of LangGraph's own stores against TandemStore, as they are in their public repository; nothing of them is kept.
// `--repo DIR`: a clone or a bare repository of it, instead of cloning the newest. `--on sqlite` instead of memory.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { REPOSITORY, type Suite, suites } from './suites.ts'

const { values } = parseArgs({ options: { repo: { type: 'string' }, on: { type: 'string', default: 'memory' } } })
const packageFolder = join(import.meta.dirname, '..')
const vitest = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url))

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function git(...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync('git', args, { encoding: 'utf8', maxBuffer: 1e8 })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`git ${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

function run({ name, path, leftOut }: Suite, repository: string): boolean {
  const folder = join(packageFolder, '.cache', 'peers', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'store.test.ts'), git('-C', repository, 'show', `HEAD:${path}`))
  say(`\n${path}, on ${values.on}`)
  for (const [test, why] of Object.entries(leftOut)) say(`  left out: ${test} (${why})`)
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', join(import.meta.dirname, 'vitest.config.ts')],
    {
      cwd: packageFolder,
      stdio: 'inherit',
      env: { ...process.env, TANDEM_PEERS_FOLDER: folder, TANDEM_PEERS_SUITE: name, TANDEM_PEERS_ON: values.on },
    },
  )
  return status === 0
}

const cloned = values.repo === undefined ? mkdtempSync(join(tmpdir(), 'langgraphjs-')) : undefined
try {
  if (cloned !== undefined) git('clone', '--depth', '1', '--filter=blob:none', '--bare', REPOSITORY, cloned)
  const repository = values.repo ?? cloned ?? ''
  say(`LangGraph.js ${git('-C', repository, 'log', '-1', '--format=%h of %cs', 'HEAD').trim()}`)
  const failed = suites.filter((suite) => !run(suite, repository)).map(({ name }) => name)
  say(failed.length === 0 ? '\nAll suites pass.' : `\nFailed: ${failed.join(', ')}`)
  process.exitCode = failed.length === 0 ? 0 : 1
} finally {
  rmSync(join(packageFolder, '.cache', 'peers'), { recursive: true, force: true })
  if (cloned !== undefined) rmSync(cloned, { recursive: true, force: true })
}
