import { type Answer, countTokens, type EmbeddingRequest, type EmbeddingRules } from './answer.js'
import { scale, vectorOf } from './vectors.js'

const DIMENSIONS = 3072
const MAX_REQUESTS = 100
const models: Readonly<Record<string, { readonly maxTokens: number; readonly hasTaskTypes: boolean }>> = {
  'models/gemini-embedding-001': { maxTokens: 2048, hasTaskTypes: true },
  'models/gemini-embedding-2': { maxTokens: 8192, hasTaskTypes: false },
}
const statusNames: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
}

interface EmbedContentRequest {
  readonly content?: { readonly parts?: readonly { readonly text?: string }[] }
  readonly taskType?: string
  readonly outputDimensionality?: number
}

/**
 * POST /v1/models/…:batchEmbedContents (or /v1beta/…), as https://ai.google.dev/api/embeddings documents it: one
 * vector for each request, however many parts it has. Below 3,072 dimensions gemini-embedding-001 does not normalise.
 */
export function answerGemini({ path, headers, body }: EmbeddingRequest, rules: EmbeddingRules): Answer {
  if (headers['x-goog-api-key'] !== rules.apiKey) {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }]
    return geminiError(400, 'API key not valid. Please pass a valid API key.', details)
  }
  const name = decodeURIComponent(path)
    .replace(/^\/v1(beta)?\//, '')
    .replace(/:.*$/, '')
  const model = models[name]
  if (model === undefined) return geminiError(404, `${name} is not found for this API version.`)
  const requests: EmbedContentRequest[] = body.requests ?? []
  if (requests.length === 0 || requests.length > MAX_REQUESTS)
    return geminiError(
      400,
      `* BatchEmbedContentsRequest.requests: at most ${MAX_REQUESTS} requests can be in one batch`,
    )
  const texts = requests.map(({ content }) => (content?.parts ?? []).map(({ text }) => text ?? '').join(' '))
  if (texts.some((text) => text.trim() === '')) return geminiError(400, 'content is empty')
  if (texts.some((text) => rules.refuses(text))) return geminiError(400, 'content is invalid')
  if (texts.some((text) => countTokens(text) > model.maxTokens)) return geminiError(400, 'The text is too long.')

  const embeddings = requests.map(({ taskType, outputDimensionality = DIMENSIONS }, i) => {
    const task = model.hasTaskTypes && taskType !== undefined ? `${taskType} ` : ''
    const cut = vectorOf(task + texts[i], DIMENSIONS).slice(0, outputDimensionality)
    return { values: model.hasTaskTypes ? cut : scale(cut) }
  })
  return { status: 200, body: { embeddings } }
}

export function geminiError(status: number, message: string, details?: readonly object[]): Answer {
  const error = { code: status, message, status: statusNames[status] ?? 'UNKNOWN', ...(details ? { details } : {}) }
  return { status, body: { error } }
}
