import { type Answer, countTokens, type EmbeddingRequest, type EmbeddingRules } from './answer.js'
import { scale } from './vectors.js'

const models: Readonly<Record<string, { readonly dimensions: number; readonly shortens: boolean }>> = {
  'text-embedding-3-small': { dimensions: 1536, shortens: true },
  'text-embedding-3-large': { dimensions: 3072, shortens: true },
  'text-embedding-ada-002': { dimensions: 1536, shortens: false },
  // Stands for the models of servers that speak the same protocol.
  'all-minilm': { dimensions: 384, shortens: false },
}

const MAX_INPUTS = 2048
const MAX_INPUT_TOKENS = 8192
const MAX_REQUEST_TOKENS = 300_000

/** POST /v1/embeddings, as https://platform.openai.com/docs/api-reference/embeddings documents it. */
export function answerOpenAI({ headers, body }: EmbeddingRequest, rules: EmbeddingRules): Answer {
  if (headers.authorization !== `Bearer ${rules.apiKey}`)
    return openAIError(401, 'Incorrect API key provided.', 'invalid_api_key')
  const model = models[body.model]
  if (model === undefined) return openAIError(404, `The model \`${body.model}\` does not exist.`, 'model_not_found')
  const inputs: unknown[] = Array.isArray(body.input) ? body.input : [body.input]
  if (inputs.length === 0 || inputs.length > MAX_INPUTS)
    return openAIError(400, `'input' has ${inputs.length} items; it takes 1 to ${MAX_INPUTS}.`)
  const texts = inputs.filter((input): input is string => typeof input === 'string' && input !== '')
  if (texts.length < inputs.length) return openAIError(400, "'$.input' is invalid.")
  const tokens = texts.map(countTokens)
  if (tokens.some((count) => count > MAX_INPUT_TOKENS))
    return openAIError(400, `This model's maximum context length is ${MAX_INPUT_TOKENS} tokens.`)
  const total = tokens.reduce((sum, count) => sum + count, 0)
  if (total > MAX_REQUEST_TOKENS) return openAIError(400, `A request takes ${MAX_REQUEST_TOKENS} tokens.`)
  if (texts.some((text) => rules.refuses(text))) return openAIError(400, 'Invalid content in input.')
  if (body.dimensions !== undefined && (!model.shortens || body.dimensions > model.dimensions))
    return openAIError(400, 'This model does not support specifying dimensions.')

  const data = texts.map((text, index) => {
    const vector = scale(rules.vectorOf(text, model.dimensions).slice(0, body.dimensions ?? model.dimensions))
    return { object: 'embedding', index, embedding: body.encoding_format === 'base64' ? toBase64(vector) : vector }
  })
  const usage = { prompt_tokens: total, total_tokens: total }
  return { status: 200, body: { object: 'list', data, model: body.model, usage } }
}

export function openAIError(status: number, message: string, code: string | null = null): Answer {
  const type = status === 429 ? 'rate_limit_exceeded' : status >= 500 ? 'server_error' : 'invalid_request_error'
  return { status, body: { error: { message, type, param: null, code } } }
}

/** 32-bit floats, little end first. */
function toBase64(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64')
}
