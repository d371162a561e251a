import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** The working folder. */
  readonly folder: string
  readonly input?: string | undefined
  readonly env?: NodeJS.ProcessEnv | undefined
  /** Another copy of the command. */
  readonly program?: string | undefined
  /** Options of Node.js. */
  readonly node?: readonly string[] | undefined
}

/** Starts the built `tandem`, without a terminal and without what the environment says of a store. */
export function start(args: readonly string[], { folder, env = {}, node = [], program = cli }: RunOptions) {
  const { TANDEM_DB: _, TANDEM_SCYLLA: __, TANDEM_QDRANT_URL: ___, ...own } = process.env
  return spawn(process.execPath, [...node, program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: folder,
    env: { ...own, ...env },
  })
}

/** Runs it to its end. */
export async function run(args: readonly string[], options: RunOptions): Promise<Ended> {
  const child = start(args, options)
  child.stdin.on('error', () => {}).end(options.input ?? '')
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: code as number | null, stdout, stderr }
}

/** Runs it with `--json`, expects it to end well, and gives what it said. */
export async function runJson<Result>(args: readonly string[], options: RunOptions): Promise<Result> {
  const { code, stdout, stderr } = await run([...args, '--json'], options)
  if (code !== 0) throw new Error(`tandem ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as Result
}

/** A folder that goes at the end of the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
