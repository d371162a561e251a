import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'

/** Where test services keep what they download and what they run on: `TANDEM_CACHE`, or `~/.cache/tandem`. */
export function cacheFolder(): string {
  return process.env.TANDEM_CACHE ?? join(homedir(), '.cache', 'tandem')
}

/** A child process that is a server on this machine. */
export interface ServerProcess {
  readonly pid: number
  /** Ends it, at once if `kill` is true, and resolves when it is gone. Once more does nothing. */
  stop(options?: { readonly kill?: boolean }): Promise<void>
}

export interface ServerOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly folder: string
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Whom it runs as. Default: who runs this. */
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  /** The server is up when a line of its output matches. */
  readonly ready: RegExp
  /** Milliseconds until it has to be up. */
  readonly timeoutMs: number
}

/**
 * Starts a server and waits until it is up. It ends with this process. The run folder records its pid, for
 * `sweepRuns`.
 */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { command, args, folder, env, uid, gid, ready, timeoutMs } = options
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    uid,
    gid,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const atExit = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', atExit)
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => {
      process.off('exit', atExit)
      resolve()
    })
  })
  const server: ServerProcess = {
    get pid() {
      return child.pid ?? -1
    },
    async stop({ kill = false } = {}) {
      if (child.exitCode === null && child.signalCode === null) child.kill(kill ? 'SIGKILL' : 'SIGTERM')
      await gone
    },
  }
  try {
    await Promise.all([isUp(child, ready, timeoutMs, command), recordPid(folder, child)])
  } catch (error) {
    await server.stop({ kill: true })
    throw error
  }
  return server
}

async function recordPid(folder: string, child: ChildProcess): Promise<void> {
  if (child.pid !== undefined) await writeFile(join(folder, `${child.pid}.pid`), '')
}

/** Resolves at the line that says it is up; the last lines of its output are in the error otherwise. */
function isUp(child: ChildProcess, ready: RegExp, timeoutMs: number, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const last: string[] = []
    const fail = (why: string): void => {
      clearTimeout(timer)
      reject(new Error(`${command} ${why}. Its last output:\n${last.join('\n')}`))
    }
    const timer = setTimeout(() => fail(`was not up after ${timeoutMs} ms`), timeoutMs)
    child.once('error', (error) => fail(`did not start (${error.message})`))
    child.once('close', (code, signal) => fail(`ended (${signal ?? code}) before it was up`))
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on('line', (line) => {
        last.push(line)
        if (last.length > 30) last.shift()
        if (!ready.test(line)) return
        clearTimeout(timer)
        resolve()
      })
    }
  })
}

/** Resolves when a port takes connections: some servers say that they listen just before they do. */
export async function untilListening(host: string, port: number, timeoutMs: number): Promise<void> {
  for (const end = Date.now() + timeoutMs; ; ) {
    const socket = connect({ host, port })
    try {
      await once(socket, 'connect')
      return
    } catch (error) {
      if (Date.now() > end) throw error
      await wait(100)
    } finally {
      socket.destroy()
    }
  }
}

/** Ports that are free at this moment on every one of these addresses. */
export async function freePorts(count: number, addresses: readonly string[] = ['127.0.0.1']): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const [first, ...others] = addresses.map(() => createServer())
    if (first === undefined) throw new Error('freePorts needs an address')
    const opened = [first]
    try {
      const port = await listen(first, addresses[0] as string, 0)
      for (const [i, server] of others.entries()) {
        await listen(server, addresses[i + 1] as string, port)
        opened.push(server)
      }
      if (!ports.includes(port)) ports.push(port)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    } finally {
      for (const server of opened) server.close()
    }
  }
  return ports
}

async function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening')
  return (server.address() as { port: number }).port
}

/**
 * Makes a folder for one run of a service and clears away those of runs whose owner is gone. What they left running
 * is killed, by its recorded pid and only if its command line still names the run's folder. So a service has to be
 * started with the folder in an argument.
 */
export async function newRun(service: string): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const runs = join(cacheFolder(), service, 'runs')
  await mkdir(runs, { recursive: true })
  for (const name of await readdir(runs)) {
    if (!isRunning(Number(name.split('-')[0]))) await sweepRun(join(runs, name))
  }
  const folder = join(runs, `${process.pid}-${Date.now()}`)
  await mkdir(folder)
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) }
}

async function sweepRun(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true }).catch((): string[] => [])) {
    const pid = Number(/(?:^|\/)(\d+)\.pid$/.exec(name)?.[1])
    if (pid > 1 && (await commandLine(pid)).includes(folder)) process.kill(pid, 'SIGKILL')
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return (await run('ps', ['-p', String(pid), '-o', 'args='])).output
}

/** Runs a command to its end. `code` is -1 where it could not be started. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly timeoutMs?: number; readonly uid?: number; readonly gid?: number } = {},
): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    uid: options.uid,
    gid: options.gid,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: -1, output: error.message }))
    child.once('close', (code) => resolve({ code: code ?? -1, output }))
  })
}
