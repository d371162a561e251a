import type { ResolvedOptions } from '../embedding/options.js'
import { firstPart } from '../indexing/chunk.js'
import { finishInTurns, type Steps } from '../resilience/steps.js'

/** Texts of one call. */
export interface RerankBatch {
  /** Where its first text stands among all. */
  readonly at: number
  readonly texts: readonly string[]
  /** Of the query with each text; 0 where no limit needs them. */
  readonly tokens: number
}

/** What of a query and texts is sent, and in which calls. Long texts are cut in turns of the event loop. */
export async function cutToLimits(
  query: string,
  texts: readonly string[],
  options: ResolvedOptions,
  countTokens: (text: string) => number,
): Promise<{ readonly query: string; readonly batches: readonly RerankBatch[] }> {
  return finishInTurns(cut(query, texts, options, countTokens))
}

function* cut(
  query: string,
  texts: readonly string[],
  { maxInputTokens, maxBatchTokens, maxBatchSize, tokensPerMinute }: ResolvedOptions,
  countTokens: (text: string) => number,
): Steps<{ readonly query: string; readonly batches: readonly RerankBatch[] }> {
  const counts = [maxInputTokens, maxBatchTokens, tokensPerMinute].some(Number.isFinite)
  const mostOfQuery = Math.floor(maxInputTokens / 2)
  const asked = Number.isFinite(maxInputTokens) ? yield* firstPart(query, Math.max(1, mostOfQuery), countTokens) : query
  const queryTokens = counts ? countTokens(asked) : 0
  const room = Math.max(1, maxInputTokens - queryTokens)
  const batches: RerankBatch[] = []
  let at = 0
  let batch: string[] = []
  let tokens = 0
  for (const text of texts) {
    yield
    const fitting = Number.isFinite(room) ? yield* firstPart(text, room, countTokens) : text
    const more = counts ? queryTokens + countTokens(fitting) : 0
    if (batch.length > 0 && (batch.length === maxBatchSize || tokens + more > maxBatchTokens)) {
      batches.push({ at, texts: batch, tokens })
      at += batch.length
      batch = []
      tokens = 0
    }
    batch.push(fitting)
    tokens += more
  }
  if (batch.length > 0) batches.push({ at, texts: batch, tokens })
  return { query: asked, batches }
}
