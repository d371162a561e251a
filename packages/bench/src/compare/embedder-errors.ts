import type { StoreError } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'

/** An embedder whose failures can be told from those of the databases beside it. */
export interface WatchedEmbedder {
  readonly embedder: Embedder
  /** Whether the embedder is to blame for an error of a store. */
  caused(error: StoreError): boolean
}

/** Codes that core gives to what an embedder answers, and to nothing else. */
const ofEmbedders: ReadonlySet<string> = new Set(['EMBEDDING_FAILED', 'MODEL_MISMATCH'])

/** Remembers what an embedder fails with. A code does not tell: a database, too, can be unavailable or refuse a key. */
export function watchEmbedder(embedder: Embedder): WatchedEmbedder {
  const failures = new Set<unknown>()
  const messages = new Set<string>()
  const remember = (error: unknown): void => {
    failures.add(error)
    const message = error instanceof Error ? error.message : String(error)
    if (message !== '') messages.add(message)
  }
  const watch = <T>(call: () => T): T => {
    try {
      return call()
    } catch (error) {
      remember(error)
      throw error
    }
  }
  return {
    embedder: {
      get model() {
        return embedder.model
      },
      get dimensions() {
        return embedder.dimensions
      },
      get limits() {
        return embedder.limits
      },
      ...(embedder.countTokens === undefined
        ? {}
        : { countTokens: (text: string) => watch(() => embedder.countTokens?.(text) ?? 0) }),
      embed: (texts, options) =>
        watch(() => {
          const answer = embedder.embed(texts, options)
          if (!(answer instanceof Promise)) return answer
          // A call that takes too long is ended by core, with an error of core's own.
          const onAbort = (): void => remember(options.signal?.reason)
          options.signal?.addEventListener('abort', onAbort, { once: true })
          answer.catch(remember).finally(() => options.signal?.removeEventListener('abort', onAbort))
          return answer
        }),
    },
    caused(error) {
      if (ofEmbedders.has(error.code)) return true
      for (let each: unknown = error; each instanceof Error; each = each.cause) if (failures.has(each)) return true
      // Where core tells of it in an error of its own, without the cause, it keeps the words.
      return [...messages].some((message) => error.message.includes(message))
    },
  }
}
