import { execFile } from 'node:child_process'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)
/** Where Debian puts its versions. */
const DEBIAN = '/usr/lib/postgresql'
const HOW =
  'set TANDEM_POSTGRES_URL to a server with pgvector, or install postgresql and pgvector (Debian: postgresql, postgresql-15-pgvector or its source)'

export interface Postgres {
  readonly url: string
  readonly origin: string
  stop(): Promise<void>
}

/** A PostgreSQL with pgvector: the one of `TANDEM_POSTGRES_URL`, or one started on a folder of its own, as Debian installs it. Otherwise why there is none. */
export async function startPostgres(): Promise<Postgres | { readonly skipped: string }> {
  const given = process.env.TANDEM_POSTGRES_URL
  try {
    const started = given === undefined ? await startOwn() : { url: given, stop: async () => {} }
    if (started === undefined) return { skipped: `There is no PostgreSQL: ${HOW}` }
    try {
      return { ...started, origin: await prepare(started.url) }
    } catch (error) {
      await started.stop()
      throw error
    }
  } catch (error) {
    return { skipped: `PostgreSQL cannot be used (${error instanceof Error ? error.message : String(error)}): ${HOW}` }
  }
}

async function prepare(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS vector')
    const { rows } = await client.query(
      `SELECT current_setting('server_version') AS server, extversion AS vector FROM pg_extension WHERE extname = 'vector'`,
    )
    return `PostgreSQL ${rows[0].server}, pgvector ${rows[0].vector}`
  } finally {
    await client.end()
  }
}

async function startOwn(): Promise<Pick<Postgres, 'url' | 'stop'> | undefined> {
  const versions = (await readdir(DEBIAN).catch(() => [])).map(Number).filter((version) => version >= 15)
  if (versions.length === 0) return undefined
  const bin = join(DEBIAN, String(Math.max(...versions)), 'bin')
  // The server refuses to run as root.
  const asOwner = userInfo().uid === 0 ? ['runuser', '-u', 'postgres', '--'] : []
  const call = (name: string, ...args: string[]): Promise<unknown> => {
    const [command = '', ...rest] = [...asOwner, join(bin, name), ...args]
    return run(command, rest, { cwd: tmpdir() })
  }
  const folder = await mkdtemp(join(tmpdir(), 'tandem-postgres-'))
  if (asOwner.length > 0) {
    const { stdout } = await run('id', ['-u', 'postgres'])
    await chown(folder, Number(stdout), -1)
  }
  const data = join(folder, 'data')
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await call('initdb', '--pgdata', data, '--username', 'tandem', '--auth', 'trust', '--encoding', 'UTF8')
    const port = await freePort()
    const options = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories=${folder}`
    await call('pg_ctl', '--pgdata', data, '--wait', '--log', join(folder, 'log'), '--options', options, 'start')
    return {
      url: `postgresql://tandem@127.0.0.1:${port}/postgres`,
      stop: async () => {
        await call('pg_ctl', '--pgdata', data, '--wait', '--mode', 'fast', 'stop')
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('There is no free port')
  return address.port
}
