import {
  aborted,
  embeddingCodeOf,
  explainConnectionError,
  fetchWithoutRedirects,
  foreignAnswer,
  retryAfterMs,
  StoreError,
  type StoreErrorCode,
  serverWords,
} from '@tandemstore/core/adapter'

export interface Ask {
  readonly url: string
  readonly apiKey: string | undefined
  /** With the query. Removed from what the server says, so that no error carries them. */
  readonly texts: readonly string[]
  readonly body: unknown
  readonly signal: AbortSignal | undefined
}

interface Answer {
  readonly scores: readonly number[]
}

/** One request; every failure is a StoreError. */
export async function ask({ url, apiKey, texts, body, signal }: Ask): Promise<Answer> {
  try {
    const response = await fetchWithoutRedirects(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) },
      body: JSON.stringify(body),
      signal: signal ?? null,
    })
    const answer = await response.text()
    if (response.ok) return parse(answer, url, texts)
    const words = serverWords(answer, texts)
    throw new StoreError(codeOf(response.status), `adapter-name answered ${response.status}: ${words}`, {
      retryAfterMs: retryAfterMs(response.headers),
    })
  } catch (error) {
    if (signal?.aborted) throw aborted(signal)
    if (StoreError.isInstance(error)) throw error
    const connection = await explainConnectionError(error, 'adapter-name', url)
    throw connection ?? new StoreError('UNAVAILABLE', 'The call of adapter-name failed', { cause: error })
  }
}

/** As of embedders, but for what is refused because of the query or a text. */
function codeOf(status: number): StoreErrorCode {
  const code = embeddingCodeOf(status)
  return code === 'EMBEDDING_FAILED' ? 'RERANK_FAILED' : code
}

/** A page of a proxy, or what else is not of the protocol, is a fault of the set-up. */
function parse(answer: string, url: string, texts: readonly string[]): Answer {
  let cause: unknown
  try {
    const { scores } = JSON.parse(answer) as Partial<Answer>
    if (Array.isArray(scores)) return { scores }
  } catch (error) {
    cause = error
  }
  throw foreignAnswer('adapter-name', answer, { url, texts, cause })
}
