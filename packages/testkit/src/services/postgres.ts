import { startPostgresInDocker } from './postgres-docker.js'
import { startPostgresProgram } from './postgres-local.js'

export interface PostgresService {
  /** `postgres://…`, of a user who may make schemas and the extension `vector`. */
  readonly url: string
  readonly way: 'url' | 'docker' | 'program'
  /** Ends what was started; a server that was given by URL goes on. */
  stop(): Promise<void>
}

type Found = Omit<PostgresService, 'way'>

/** In the order in which they are tried. */
const ways: Readonly<Record<PostgresService['way'], () => Promise<Found | string>>> = {
  async url() {
    const url = process.env.TANDEM_POSTGRES
    return url ? { url, stop: async () => {} } : 'TANDEM_POSTGRES is not set'
  },
  docker: startPostgresInDocker,
  program: startPostgresProgram,
}

/**
 * Finds or starts a Postgres with pgvector for tests: `TANDEM_POSTGRES`, Docker by way of testcontainers, or one that
 * is installed on this machine (`TANDEM_POSTGRES_BIN` names the folder of its programs). Every step is named to `log`
 * (default: standard error). `undefined`, and loudly so, where there is none.
 */
export async function startPostgres(
  options: { readonly log?: ((line: string) => void) | undefined } = {},
): Promise<PostgresService | undefined> {
  const log = options.log ?? ((line: string) => process.stderr.write(`postgres: ${line}\n`))
  for (const way of Object.keys(ways) as PostgresService['way'][]) {
    const found = await ways[way]()
    if (typeof found === 'string') {
      log(`not by way of ${way}: ${found}`)
      continue
    }
    log(`by way of ${way}: ${new URL(found.url).host}`)
    return { ...found, way }
  }
  log('SKIPPED: every test that needs a server is left out (PGlite runs the suites in process). To run them:')
  log('  set TANDEM_POSTGRES to a postgres:// address; start Docker and install testcontainers;')
  log('  or install Postgres with pgvector, and name the folder of its programs in TANDEM_POSTGRES_BIN')
  return undefined
}
