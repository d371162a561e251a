import type { Reranker, RerankerLimits } from '@tandemstore/core/adapter'
import { countWords, wordsOf } from './words.js'

export interface FakeRerankerOptions {
  /** Default `fake`. */
  readonly name?: string | undefined
  readonly limits?: RerankerLimits | undefined
}

export interface FakeReranker extends Reranker {
  /** The calls so far, oldest first. */
  readonly calls: readonly { readonly query: string; readonly texts: readonly string[] }[]
  rerank(
    query: string,
    texts: readonly string[],
    options: { readonly signal?: AbortSignal | undefined },
  ): Promise<number[]>
}

/**
 * A reranker that needs no model: a text's score is the share of words (case apart) that it has in common with the
 * query among all words of both, from 0 to 1 (Jaccard, 1901). Its tokens are words.
 */
export function fakeReranker({ name = 'fake', limits }: FakeRerankerOptions = {}): FakeReranker {
  const calls: { query: string; texts: readonly string[] }[] = []
  return {
    name,
    limits,
    calls,
    countTokens: countWords,
    async rerank(query, texts, { signal }) {
      signal?.throwIfAborted()
      if (texts.length === 0) return []
      calls.push({ query, texts: [...texts] })
      const asked = new Set(wordsOf(query))
      return texts.map((text) => {
        const words = new Set(wordsOf(text))
        const shared = [...asked].filter((word) => words.has(word)).length
        return shared / Math.max(1, asked.size + words.size - shared)
      })
    },
  }
}
