import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const config = fileURLToPath(new URL('./programs/slow.bench.ts', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly child: ChildProcess
  /** Resolves at the first line on standard error that begins so; rejects if there is none. */
  says(beginning: string): Promise<void>
  readonly ended: Promise<Ended>
}

/** Starts the built `tandem-bench` with the slow embedder, and `folder` for temporary files. */
export function startCommand(
  args: readonly string[],
  { folder, env = {} }: { readonly folder: string; readonly env?: NodeJS.ProcessEnv },
): RunningCommand {
  const child = spawn(process.execPath, [cli, ...args, '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
    env: { ...process.env, TMPDIR: folder, ...env },
  })
  const lines: string[] = []
  const waiting = new Set<() => void>()
  const told = createInterface({ input: child.stderr })
  told.on('line', (line) => {
    lines.push(line)
    for (const look of waiting) look()
  })
  const stdout = text(child.stdout)
  const ended = (async (): Promise<Ended> => {
    const [[code, signal]] = (await Promise.all([once(child, 'exit'), once(told, 'close')])) as [
      [number | null, NodeJS.Signals | null],
      unknown,
    ]
    return { code, signal, stdout: await stdout, stderr: lines.join('\n') }
  })()
  return {
    child,
    ended,
    says(beginning) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const look = (): void => {
        if (lines.some((line) => line.startsWith(beginning))) resolve()
      }
      waiting.add(look)
      look()
      ended.then(
        ({ code, stderr }) => reject(new Error(`Ended with ${code} before it said ${beginning}:\n${stderr}`)),
        reject,
      )
      return promise
    },
  }
}

/** Runs it to its end. */
export function runCommand(...args: Parameters<typeof startCommand>): Promise<Ended> {
  return startCommand(...args).ended
}
