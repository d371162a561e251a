/** What a reranker has done since the store was opened. How long its calls take: `latency.rerank`. */
export interface RerankerStats {
  readonly name: string
  readonly searches: {
    /** Searches in the reranker's order. */
    readonly reranked: number
    /** Searches that kept the order there was, because the reranker failed. */
    readonly degraded: number
  }
  /** Texts scored. */
  readonly texts: number
  readonly calls: {
    /** Calls of the reranker, retries included. */
    readonly made: number
    readonly failed: number
    readonly retries: number
    readonly rateLimited: number
    readonly timedOut: number
    readonly inFlight: number
  }
  readonly circuit: 'closed' | 'open' | 'half-open'
}
