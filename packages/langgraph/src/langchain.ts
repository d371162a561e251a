import { aborted, type Embedder, type EmbedderLimits, invalid, StoreError } from '@tandemstore/core/adapter'
import { toEmbedError } from './langchain-errors.js'

/** The part of LangChain's `Embeddings` that is used. */
export interface LangChainEmbeddings {
  embedDocuments(texts: string[]): Promise<number[][]>
  embedQuery(text: string): Promise<number[]>
}

export interface FromLangChainOptions {
  /**
   * Names the model, and whatever else changes its vectors; LangChain's embeddings do not tell it. Vectors of two
   * names never meet.
   */
  readonly model: string
  /** Length of the vectors. Default: learnt by embedding a word. Part of the model's identity. */
  readonly dimensions?: number | undefined
  /** What is taken at a time. Default: at most 100 texts, and no more than the `batchSize` of the embeddings. */
  readonly limits?: EmbedderLimits | undefined
}

/** Fields that many of LangChain's classes have. */
interface Known {
  readonly batchSize?: unknown
  readonly caller?: { readonly call?: unknown }
}

const MAX_INPUTS = 100
/** What V8 says where a class with private members is used through an object derived from its instance. */
const privateMember = /private member|private method|Receiver must be/

export function isLangChain(embeddings: unknown): embeddings is LangChainEmbeddings {
  const { embedDocuments, embedQuery } = (embeddings ?? {}) as Partial<LangChainEmbeddings>
  return typeof embedDocuments === 'function' && typeof embedQuery === 'function'
}

/**
 * LangChain embeddings as an embedder of Tandem. A call that fails is made again by the store and not by LangChain,
 * so that waits are obeyed by all calls and not multiplied.
 *
 * Errors: INVALID_ARGUMENT for bad options, at once. Of `embed`: AUTHENTICATION (401, 403), CONFIGURATION (no such
 * model), RATE_LIMITED (429, with `retryAfterMs`), EMBEDDING_FAILED (400, 413, 422: a text is refused; and what is
 * unknown), UNAVAILABLE (no connection, 409, 5xx, empty vectors), TIMEOUT, ABORTED.
 */
export function fromLangChain(embeddings: LangChainEmbeddings, options: FromLangChainOptions): Embedder {
  if (!isLangChain(embeddings)) throw invalid('embeddings', 'LangChain embeddings')
  const { model, dimensions, limits } = options ?? {}
  if (typeof model !== 'string' || model === '')
    throw invalid('model', 'the name of the model, such as text-embedding-3-small')
  if (dimensions !== undefined && !(Number.isSafeInteger(dimensions) && dimensions >= 1))
    throw invalid('dimensions', 'a whole number of at least 1')
  let callee = withoutRetries(embeddings)
  const { batchSize } = embeddings as Known
  const maxInputs = Number.isSafeInteger(batchSize) ? Math.min(MAX_INPUTS, batchSize as number) : MAX_INPUTS
  return {
    model: { provider: 'langchain', name: model, ...(dimensions === undefined ? {} : { options: { dimensions } }) },
    dimensions,
    limits: { maxInputs: Math.max(1, maxInputs), ...limits },
    async embed(texts, { purpose, signal }) {
      if (signal?.aborted) throw aborted(signal)
      if (texts.length === 0) return { vectors: [] }
      const call = (): Promise<number[][]> =>
        purpose === 'query' ? embedQueries(callee, texts) : callee.embedDocuments([...texts])
      try {
        const vectors = await untilAborted(
          call().catch((error: unknown) => {
            if (callee === embeddings || !(error instanceof TypeError && privateMember.test(error.message))) throw error
            callee = embeddings
            return call()
          }),
          signal,
        )
        // Some of LangChain's classes hide an outage so.
        if (vectors.some((vector) => vector?.length === 0))
          throw new StoreError('UNAVAILABLE', 'LangChain gave empty vectors: a call failed, and it does not say why')
        return { vectors }
      } catch (error) {
        throw toEmbedError(error, { model, texts, signal })
      }
    },
  }
}

/** All are waited for, so that none goes on when the batch is made again. */
async function embedQueries(callee: LangChainEmbeddings, texts: readonly string[]): Promise<number[][]> {
  const ended = await Promise.allSettled(texts.map((text) => callee.embedQuery(text)))
  return ended.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
}

/** The same embeddings, whose `caller` does not make calls again. Whoever else uses them is not concerned. */
function withoutRetries(embeddings: LangChainEmbeddings): LangChainEmbeddings {
  const { caller } = embeddings as Known
  if (typeof caller?.call !== 'function') return embeddings
  const once: unknown = Object.create(caller, { maxRetries: { value: 0 } })
  return Object.create(embeddings, { caller: { value: once } })
}

/** LangChain takes no signal: on abort we stop waiting, and the call ends by itself. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(aborted(signal))
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
