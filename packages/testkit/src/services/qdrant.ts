import { startQdrantInDocker } from './qdrant-docker.js'
import { startQdrantEdge, startQdrantProgram } from './qdrant-local.js'

export interface QdrantService {
  readonly url: string
  readonly apiKey?: string | undefined
  readonly way: 'url' | 'docker' | 'program' | 'edge'
  /** Ends what was started; a server that was given by URL goes on. */
  stop(): Promise<void>
}

type Found = Omit<QdrantService, 'way'>

/** In the order in which they are tried. */
const ways: Readonly<Record<QdrantService['way'], () => Promise<Found | string>>> = {
  async url() {
    const { TANDEM_QDRANT_URL: url, TANDEM_QDRANT_API_KEY: apiKey } = process.env
    return url ? { url, apiKey, stop: async () => {} } : 'TANDEM_QDRANT_URL is not set'
  },
  docker: startQdrantInDocker,
  program: startQdrantProgram,
  edge: startQdrantEdge,
}

/**
 * Finds or starts a Qdrant for tests: `TANDEM_QDRANT_URL` (and `TANDEM_QDRANT_API_KEY`), Docker by way of
 * testcontainers, a `qdrant` program on the PATH, or Qdrant's engine from PyPI behind a small server of this package.
 * `TANDEM_QDRANT_WAY` narrows it to one of `url docker program edge`. Every step is named to `log` (default: standard
 * error). `undefined`, and loudly so, where there is none.
 */
export async function startQdrant(
  options: { readonly log?: ((line: string) => void) | undefined } = {},
): Promise<QdrantService | undefined> {
  const log = options.log ?? ((line: string) => process.stderr.write(`qdrant: ${line}\n`))
  const only = process.env.TANDEM_QDRANT_WAY
  for (const way of Object.keys(ways) as QdrantService['way'][]) {
    if (only !== undefined && only !== way) continue
    const found = await ways[way]()
    if (typeof found === 'string') {
      log(`not by way of ${way}: ${found}`)
      continue
    }
    log(`by way of ${way}: ${found.url}`)
    return { ...found, way }
  }
  log('SKIPPED: every test that needs a Qdrant is left out. To run them, do one of these:')
  log('  set TANDEM_QDRANT_URL (and TANDEM_QDRANT_API_KEY); start Docker and install testcontainers;')
  log('  put the program qdrant on the PATH; install Python 3.10 or later with pip')
  return undefined
}

/** Deletes the collections whose names start so, as a test file does with its own before and after. */
export async function dropQdrantCollections(
  { url, apiKey }: Pick<QdrantService, 'url' | 'apiKey'>,
  start: string,
): Promise<void> {
  if (start === '') throw new Error('Refusing to delete every collection of a server')
  const headers = apiKey === undefined ? {} : { 'api-key': apiKey }
  const base = `${url.replace(/\/$/, '')}/collections`
  const list = await fetch(base, { headers })
  if (!list.ok) throw new Error(`GET ${base}: ${list.status}`)
  const { result } = (await list.json()) as { result: { collections: { name: string }[] } }
  for (const { name } of result.collections) {
    if (!name.startsWith(start)) continue
    const response = await fetch(`${base}/${name}`, { method: 'DELETE', headers })
    if (!response.ok) throw new Error(`DELETE ${base}/${name}: ${response.status}`)
  }
}
