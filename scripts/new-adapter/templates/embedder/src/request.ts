import {
  aborted,
  embeddingCodeOf,
  explainConnectionError,
  fetchWithoutRedirects,
  foreignAnswer,
  retryAfterMs,
  StoreError,
  serverWords,
} from '@tandemstore/core/adapter'

export interface Ask {
  readonly url: string
  readonly apiKey: string | undefined
  /** Removed from what the server says, so that no error carries them. */
  readonly texts: readonly string[]
  readonly body: unknown
  readonly signal: AbortSignal | undefined
}

interface Answer {
  readonly vectors: readonly (readonly number[])[]
  readonly tokens?: number | undefined
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
    throw new StoreError(embeddingCodeOf(response.status), `adapter-name answered ${response.status}: ${words}`, {
      retryAfterMs: retryAfterMs(response.headers),
    })
  } catch (error) {
    if (signal?.aborted) throw aborted(signal)
    if (StoreError.isInstance(error)) throw error
    const connection = await explainConnectionError(error, 'adapter-name', url)
    throw connection ?? new StoreError('UNAVAILABLE', 'The call of adapter-name failed', { cause: error })
  }
}

/** A page of a proxy, or what else is not of the protocol, is a fault of the set-up. */
function parse(answer: string, url: string, texts: readonly string[]): Answer {
  let cause: unknown
  try {
    const { vectors, tokens } = JSON.parse(answer) as Partial<Answer>
    if (Array.isArray(vectors)) return { vectors, tokens }
  } catch (error) {
    cause = error
  }
  throw foreignAnswer('adapter-name', answer, { url, texts, cause })
}
