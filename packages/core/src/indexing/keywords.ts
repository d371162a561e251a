import type { TermWeights } from '../ports/vector-records.js'
import type { Language } from '../words/language.js'
import { TERMS_VERSION, TermMaker } from '../words/term-maker.js'

/** How a collection that is searched by words makes terms of texts. */
export interface Keywords {
  readonly maker: TermMaker
  /** All that changes the terms of a text. Plain JSON; part of the fingerprint of points. */
  readonly identity: readonly unknown[]
}

/** The terms of a point that has none. */
export const NO_TERMS: TermWeights = { terms: [], weights: [] }

export async function openKeywords(language: Language | undefined): Promise<Keywords> {
  return { maker: await TermMaker.for(language), identity: ['keywords', TERMS_VERSION, language ?? null] }
}
