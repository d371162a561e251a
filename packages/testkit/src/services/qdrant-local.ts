import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder, freePorts, newRun, run, type ServerOptions, startServer } from './process.js'

/** Qdrant's engine as a Python package. */
const ENGINE = 'qdrant-edge-py'
const ENGINE_VERSION = '0.9.0'
const INSTALL_MS = 300_000
const START_MS = 60_000

/** The program lies beside the sources, of which `dist` is a sibling. */
const edgeServer = fileURLToPath(new URL('../../src/services/qdrant-edge-server.py', import.meta.url))

interface Local {
  readonly url: string
  stop(): Promise<void>
}

/** Starts the program `qdrant` of the PATH, or says why it cannot. */
export async function startQdrantProgram(): Promise<Local | string> {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const command = folders.map((folder) => join(folder, 'qdrant')).find((path) => existsSync(path))
  if (command === undefined) return 'there is no qdrant on the PATH'
  return await inRun(async (folder, port) => {
    // A file and not the environment, so that the folder is on the command line, where a later run looks for what
    // this one left.
    const config = join(folder, 'config.yaml')
    const storage = { storage_path: join(folder, 'storage'), snapshots_path: join(folder, 'snapshots') }
    const service = { host: '127.0.0.1', http_port: port, grpc_port: null }
    await writeFile(config, JSON.stringify({ log_level: 'INFO', telemetry_disabled: true, storage, service }))
    return { command, args: ['--config-path', config, '--disable-telemetry'], ready: /HTTP listening on/ }
  })
}

/** Starts Qdrant's engine behind the HTTP server of this package, or says why it cannot. */
export async function startQdrantEdge(): Promise<Local | string> {
  const python = process.env.TANDEM_PYTHON ?? 'python3'
  const library = await installEngine(python)
  if ('problem' in library) return library.problem
  return await inRun(async (folder, port) => ({
    command: python,
    args: [edgeServer, folder, String(port)],
    env: { PYTHONPATH: library.folder, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
    ready: /^listening/,
  }))
}

/** Starts a server in a folder of its own, which goes when it ends. */
async function inRun(
  make: (folder: string, port: number) => Promise<Omit<ServerOptions, 'folder' | 'timeoutMs'>>,
): Promise<Local> {
  const { folder, remove } = await newRun('qdrant')
  try {
    const [port] = await freePorts(1)
    if (port === undefined) throw new Error('No free port')
    const server = await startServer({ ...(await make(folder, port)), folder, timeoutMs: START_MS })
    return {
      url: `http://127.0.0.1:${port}`,
      async stop() {
        await server.stop()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Installs the engine once, in the cache. Made beside and moved, so that no other process sees half of it. */
async function installEngine(python: string): Promise<{ folder: string } | { problem: string }> {
  const folder = join(cacheFolder(), `${ENGINE}-${ENGINE_VERSION}`)
  if (existsSync(folder)) return { folder }
  await mkdir(cacheFolder(), { recursive: true })
  const making = await mkdtemp(join(cacheFolder(), 'installing-'))
  try {
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', making]
    const { code, output } = await run(python, [...args, `${ENGINE}==${ENGINE_VERSION}`], { timeoutMs: INSTALL_MS })
    if (code !== 0)
      return { problem: `${python} -m pip could not install ${ENGINE} ${ENGINE_VERSION}: ${output.trim()}` }
    await rename(making, folder).catch((error: unknown) => {
      // Another process was faster.
      if (!existsSync(folder)) throw error
    })
    return { folder }
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}
