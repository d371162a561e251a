import { StoreError } from '@tandemstore/core'

const TIMEOUT_MS = 30_000

/** What bench asks of a Qdrant beside the adapter: its version, and to delete the collections of a run. */
export interface QdrantAdmin {
  version(): Promise<string>
  /** Deletes every collection whose name begins so. */
  dropCollections(prefix: string): Promise<void>
}

/** The REST API of Qdrant, https://api.qdrant.tech. */
export function makeQdrantAdmin(url: string, apiKey: string | undefined): QdrantAdmin {
  const base = url.replace(/\/+$/, '')
  const headers = apiKey === undefined ? {} : { 'api-key': apiKey }

  async function ask(method: 'GET' | 'DELETE', path: string): Promise<unknown> {
    let response: Response
    try {
      response = await fetch(`${base}${path}`, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
    } catch (cause) {
      throw new StoreError('UNAVAILABLE', `Qdrant does not answer at ${base}`, { cause })
    }
    if (response.ok) return response.json()
    const code = response.status === 401 || response.status === 403 ? 'AUTHENTICATION' : 'INDEX_FAILED'
    throw new StoreError(code, `Qdrant answers ${method} ${path} with ${response.status}`)
  }

  return {
    async version() {
      const { version } = (await ask('GET', '/')) as { readonly version?: unknown }
      return String(version)
    },
    async dropCollections(prefix) {
      const { result } = (await ask('GET', '/collections')) as {
        readonly result: { readonly collections: readonly { readonly name: string }[] }
      }
      for (const { name } of result.collections)
        if (name.startsWith(prefix)) await ask('DELETE', `/collections/${encodeURIComponent(name)}`)
    },
  }
}
