import { fetchWithoutRedirects, invalid, StoreError } from '@tandemstore/core/adapter'

/** One text as both clients take it. One content each: several parts, or plain strings, can become one vector. */
export interface TextContent {
  readonly role: 'user'
  readonly parts: { readonly text: string }[]
}

interface Answer {
  readonly embeddings?: readonly { readonly values?: readonly number[] }[]
  readonly usageMetadata?: { readonly promptTokenCount?: number }
}

/** The part of a `GoogleGenAI` client (@google/genai) that is used. */
export interface GenAIClient {
  readonly vertexai?: boolean
  readonly models: {
    embedContent(request: {
      model: string
      contents: TextContent[]
      config: { taskType?: string; outputDimensionality?: number; abortSignal?: AbortSignal }
    }): PromiseLike<Answer>
  }
}

/** The part of a `GoogleGenerativeAI` client (@google/generative-ai, which Google no longer supports) that is used. */
export interface LegacyClient {
  getGenerativeModel(
    params: { model: string },
    options?: { baseUrl?: string },
  ): {
    batchEmbedContents(
      request: { requests: { content: TextContent; taskType?: never; outputDimensionality?: number }[] },
      options?: { signal?: AbortSignal },
    ): PromiseLike<Answer>
  }
}

export interface GeminiCall {
  readonly model: string
  readonly texts: readonly string[]
  readonly taskType: string | undefined
  readonly dimensions: number | undefined
  readonly signal: AbortSignal | undefined
}

export type CallGemini = (call: GeminiCall) => PromiseLike<Answer>

const asContent = (text: string): TextContent => ({ role: 'user', parts: [{ text }] })

/** How to make a call with either client. */
export function callerOf(client: GenAIClient | LegacyClient, baseUrl: string | undefined): CallGemini {
  if ('getGenerativeModel' in client && typeof client.getGenerativeModel === 'function') {
    return ({ model, texts, taskType, dimensions, signal }) => {
      const task = {
        ...(taskType === undefined ? {} : { taskType: taskType as never }),
        ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
      }
      const options = baseUrl === undefined ? undefined : { baseUrl }
      return client.getGenerativeModel({ model }, options).batchEmbedContents(
        // The client knows no outputDimensionality, but sends each request as it is given.
        { requests: texts.map((text) => ({ content: asContent(text), ...task })) },
        signal ? { signal } : {},
      )
    }
  }
  if ('models' in client && typeof client.models?.embedContent === 'function') {
    return ({ model, texts, taskType, dimensions, signal }) =>
      client.models.embedContent({
        model,
        contents: texts.map(asContent),
        config: {
          ...(taskType === undefined ? {} : { taskType }),
          ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
          ...(signal === undefined ? {} : { abortSignal: signal }),
        },
      })
  }
  throw invalid('client', 'a client of @google/genai or @google/generative-ai')
}

/**
 * A caller with a client of its own, which is loaded by the first call and follows no redirect. CONFIGURATION, at once,
 * where there is no key.
 */
export function ownCaller(apiKey: string | undefined, baseUrl: string | undefined): CallGemini {
  const key = apiKey ?? (process.env.GOOGLE_API_KEY?.trim() || process.env.GEMINI_API_KEY?.trim())
  if (!key) throw new StoreError('CONFIGURATION', 'Gemini needs a key: give apiKey, or set GEMINI_API_KEY')
  let caller: Promise<CallGemini> | undefined
  const load = async () => {
    const { GoogleGenAI } = await import('@google/genai')
    const httpOptions = { fetch: fetchWithoutRedirects, ...(baseUrl === undefined ? {} : { baseUrl }) }
    return callerOf(new GoogleGenAI({ apiKey: key, vertexai: false, httpOptions }), undefined)
  }
  return async (call) => {
    caller ??= load()
    return (await caller)(call)
  }
}
