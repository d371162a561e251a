import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Answer, EmbeddingRequest } from './answer.js'
import type { EmbeddingAnswer, EmbeddingFault } from './faults.js'
import { answerGemini, geminiError } from './gemini-route.js'
import { answerOpenAI, openAIError } from './openai-route.js'
import { vectorOf as vectorOfWords } from './vectors.js'

export interface EmbeddingServerOptions {
  /** The key that is accepted. Default: `test-key`. */
  readonly apiKey?: string | undefined
  /** Whether a text is refused for its content. Default: none is. */
  readonly refuses?: ((text: string) => boolean) | undefined
  /** How long an OpenAI request takes, in milliseconds, by the number of its texts. Default: no time. */
  readonly takesMs?: ((texts: number) => number) | undefined
  /**
   * OpenAI's vector of a text, of any length but 0 (it is scaled to 1). Default: one that the words of the text
   * decide, which takes the processor a while.
   */
  readonly vectorOf?: ((text: string, dimensions: number) => readonly number[]) | undefined
}

/**
 * A server on this machine that embeds as OpenAI and Gemini do, as far as they document it: limits, encodings,
 * errors.
 */
export interface EmbeddingServer extends AsyncDisposable {
  /** OpenAI's base URL, which ends in `/v1`. */
  readonly openAIUrl: string
  /** Gemini's base URL. */
  readonly geminiUrl: string
  readonly apiKey: string
  /** Every request so far, in order. */
  readonly requests: readonly EmbeddingRequest[]
  /** What is to happen to the next requests, one each; `undefined` is the usual answer, as for all after them. */
  next(...faults: (EmbeddingFault | undefined)[]): void
  /** Resolves when so many requests have come since the start. */
  received(count: number): Promise<void>
  /** Breaks every connection and stops. */
  close(): Promise<void>
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startEmbeddingServer(options: EmbeddingServerOptions = {}): Promise<EmbeddingServer> {
  const { apiKey = 'test-key', refuses = () => false, takesMs, vectorOf = vectorOfWords } = options
  const rules = { apiKey, refuses, vectorOf }
  const requests: EmbeddingRequest[] = []
  const faults: (EmbeddingFault | undefined)[] = []
  const waiting: { readonly count: number; resolve(): void }[] = []

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request: EmbeddingRequest = {
      path: message.url ?? '',
      headers: message.headers,
      body: JSON.parse(await readAll(message)),
    }
    requests.push(request)
    for (const each of waiting) if (requests.length >= each.count) each.resolve()
    const isOpenAI = request.path === '/v1/embeddings'
    const fault = faults.shift()
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'drop') {
      message.socket.destroy()
      return
    }
    if (fault?.kind === 'error') {
      const { status, message: text = `Error ${status}`, code, details, headers = {} } = fault
      if (isOpenAI && takesMs !== undefined) await setTimeout(takesMs([request.body.input].flat().length))
      const answer = isOpenAI ? openAIError(status, text, code) : geminiError(status, text, details)
      send(response, { ...answer, headers })
      return
    }
    if (isOpenAI && takesMs !== undefined) await setTimeout(takesMs([request.body.input].flat().length))
    const answer = isOpenAI ? answerOpenAI(request, rules) : answerGemini(request, rules)
    if (fault?.kind === 'change')
      send(response, { ...answer, body: fault.change(answer.body as EmbeddingAnswer) as object })
    else send(response, answer, fault?.kind === 'truncate')
  }

  const server = createServer((message, response) => {
    handle(message, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  async function close(): Promise<void> {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  return {
    openAIUrl: `${origin}/v1`,
    geminiUrl: origin,
    apiKey,
    requests,
    next: (...more) => {
      faults.push(...more)
    },
    received: (count) =>
      new Promise((resolve) => {
        if (requests.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer, half = false): void {
  const json = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(half ? json.slice(0, json.length / 2) : json)
}

async function readAll(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of message) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}
