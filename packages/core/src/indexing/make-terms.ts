import { type StoreError, toStoreError } from '../errors.js'
import type { TermWeights } from '../ports/vector-records.js'
import { finish, finishInTurns, type Steps, Turns } from '../resilience/steps.js'
import type { KeptPoints } from './kept-points.js'
import { type Keywords, NO_TERMS } from './keywords.js'
import type { Projection } from './projection.js'
import { textsOf } from './target.js'

export interface MakeTermsOptions {
  /** How terms are made; absent where the collection is not searched by words. */
  readonly keywords: Keywords | undefined
  /** Whether the index can keep terms, so that there may be some to remove. */
  readonly keepsTerms: boolean
}

/**
 * Gives projections the terms of their texts, but of those that are kept: one projection after the other, in turns.
 * Returns a promise for each; it resolves with the error there was, if there was one.
 */
export function makeTerms(
  projections: readonly Projection[],
  kept: KeptPoints,
  { keywords, keepsTerms }: MakeTermsOptions,
): Promise<StoreError | undefined>[] {
  if (!keepsTerms) return projections.map(() => nothingToMake)
  if (keywords === undefined) {
    for (const projection of projections) projection.terms = finish(termSteps(projection, kept, undefined))
    return projections.map(() => nothingToMake)
  }
  const making = projections.map((projection) => ({ projection, ...Promise.withResolvers<StoreError | undefined>() }))
  void makeEach(making, kept, keywords)
  return making.map(({ promise }) => promise)
}

const nothingToMake = Promise.resolve(undefined)

interface Making {
  readonly projection: Projection
  resolve(failure: StoreError | undefined): void
}

async function makeEach(making: readonly Making[], kept: KeptPoints, keywords: Keywords): Promise<void> {
  const turns = new Turns()
  for (const { projection, resolve } of making) {
    if (turns.isOver) await turns.next()
    try {
      if (projection.isActive) projection.terms = await finishInTurns(termSteps(projection, kept, keywords))
      resolve(undefined)
    } catch (error) {
      resolve(toStoreError(error, 'INDEX_FAILED', 'Making terms failed', { ...projection.ref }))
    }
  }
}

/** What an earlier attempt has made is not made again. */
function* termSteps(
  projection: Projection,
  kept: KeptPoints,
  keywords: Keywords | undefined,
): Steps<(TermWeights | undefined)[]> {
  const made = projection.terms
  const terms: (TermWeights | undefined)[] = []
  for (const [i, { id, text }] of textsOf(projection).entries()) {
    if (kept.terms.has(id)) terms.push(undefined)
    else terms.push(made?.[i] ?? (keywords === undefined ? NO_TERMS : yield* keywords.maker.steps(text)))
    yield
  }
  return terms
}
