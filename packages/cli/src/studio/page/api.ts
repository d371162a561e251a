import type {
  ApiError,
  Count,
  Figures,
  Info,
  ListedDocument,
  ListPage,
  Pending,
  Recovered,
  SearchAnswer,
  VectorSample,
  WholeDocument,
} from '../api-types.js'

interface Answers {
  readonly info: Info
  readonly namespaces: ListPage<readonly string[]>
  readonly count: Count
  readonly documents: ListPage<ListedDocument>
  readonly document: WholeDocument
  readonly delete: object
  readonly search: SearchAnswer
  readonly figures: Figures
  readonly pending: Pending
  readonly retry: Recovered
  readonly vectors: VectorSample
}

const KEPT = 'token'

/**
 * The token of the address, kept for this tab so that it can be loaded again. It goes out of the address, as addresses
 * are remembered and shown.
 */
function takeToken(): string {
  const given = /^#token=([\w-]+)$/.exec(location.hash)?.[1]
  if (given !== undefined) {
    sessionStorage.setItem(KEPT, given)
    history.replaceState(null, '', location.pathname)
  }
  return given ?? sessionStorage.getItem(KEPT) ?? ''
}

const token = takeToken()

/** Asks the server. Throws an error whose message can be shown. */
export async function ask<Name extends keyof Answers>(
  name: Name,
  input: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Answers[Name]> {
  const response = await request(name, input, signal)
  if (response.ok) return (await response.json()) as Answers[Name]
  const { message } = (await response.json()) as ApiError
  throw new Error(message)
}

async function request(name: string, input: object, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(`/api/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
      signal: signal ?? null,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Error('The server does not answer: has `tandem studio` ended?')
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
