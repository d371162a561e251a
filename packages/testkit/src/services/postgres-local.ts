import { existsSync } from 'node:fs'
import { chown, readdir, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { freePorts, newRun, run, startServer } from './process.js'

const START_MS = 60_000

/** Where the packages of Debian and Fedora, and Homebrew, put the programs that are not on the PATH. */
const folders = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt', '/usr/pgsql']

/** Starts a Postgres that is installed with pgvector, or says why it cannot. */
export async function startPostgresProgram(): Promise<{ url: string; stop(): Promise<void> } | string> {
  const bin = await findPrograms()
  if (bin === undefined)
    return 'no Postgres with pgvector is installed (looked in TANDEM_POSTGRES_BIN, on the PATH and where packages put it)'
  const user = await userOfServer()
  if (typeof user === 'string') return user
  const { folder, remove } = await newRun('postgres')
  try {
    if (user.uid !== undefined) await chown(folder, user.uid, user.gid ?? user.uid)
    const data = join(folder, 'data')
    const made = await run(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
      { cwd: folder, ...user },
    )
    if (made.code !== 0) throw new Error(`initdb: ${made.output}`)
    const [port] = await freePorts(1)
    const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off' }
    const server = await startServer({
      command: join(bin, 'postgres'),
      args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      folder,
      ready: /database system is ready to accept connections/,
      timeoutMs: START_MS,
      ...user,
    })
    return {
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      async stop() {
        // SIGINT would be a fast shutdown; nothing that was started here is to be kept.
        await server.stop({ kill: true })
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** The folder of a Postgres that has the extension. */
async function findPrograms(): Promise<string | undefined> {
  const known: string[] = [...(process.env.PATH ?? '').split(delimiter)]
  for (const folder of folders) {
    const versions = await readdir(folder).catch((): string[] => [])
    for (const version of versions.sort().reverse()) known.push(join(folder, version, 'bin'))
  }
  const given = process.env.TANDEM_POSTGRES_BIN
  for (const bin of given === undefined ? known : [given]) {
    if (!existsSync(join(bin, 'initdb')) || !existsSync(join(bin, 'postgres'))) continue
    const { code, output } = await run(join(bin, 'pg_config'), ['--sharedir'])
    const share = code === 0 ? output.trim() : join(bin, '..', 'share', 'postgresql')
    if (existsSync(join(share, 'extension', 'vector.control'))) return bin
  }
  return undefined
}

/** Who runs it: Postgres refuses to be run by root, so that root runs it as the user `postgres`. */
async function userOfServer(): Promise<{ readonly uid?: number; readonly gid?: number } | string> {
  if (process.getuid?.() !== 0) return {}
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const [, , uid, gid] =
    users
      .split('\n')
      .find((line) => line.startsWith('postgres:'))
      ?.split(':') ?? []
  if (uid === undefined || gid === undefined) return 'this is root, and there is no user postgres to run it as'
  return { uid: Number(uid), gid: Number(gid) }
}
