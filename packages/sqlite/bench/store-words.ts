import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createStore, type Store } from '@tandemstore/core'
import {
  type DocumentPoints,
  type KVBackend,
  refId,
  type TermQuery,
  type TermWeights,
  type VectorIndex,
  type VectorSpace,
} from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import { randomVector } from './bare.ts'
import { medians, type Time, time } from './measure.ts'
import { instantEmbedder } from './store-parts.ts'
import { identifierOf, makeQuestion, makeTextDocument } from './text-parts.ts'

const DIMENSIONS = 384
const DOCUMENT_BYTES = 1000
const LIMIT = 10
const BATCH = 2500
const WARM_UP_BATCHES = 2
const WARM_UP = 10

export interface WordsResult {
  /** A batch of putMany, until all is searchable. */
  readonly writing: { readonly withWords: Time; readonly without: Time }
  /** Bytes of the closed file. */
  readonly size: { readonly withWords: number; readonly without: number }
  readonly searching: { readonly vector: Time; readonly question: Time; readonly identifier: Time }
}

/**
 * Compares a store whose points have words with one whose points have none, writing in turns, and a search by words
 * with one by vector in the same space. The terms are made beforehand: making them is core's work.
 */
export async function compareWords(directory: string, documents: number, rounds: number): Promise<WordsResult> {
  const terms = new Map<string, TermWeights>()
  const paths = { withWords: join(directory, 'words.db'), without: join(directory, 'no-words.db') }
  const withWords = await openWithWords(paths.withWords, terms)
  const without = await openStore(sqlite({ path: paths.without }))
  const times: { readonly withWords: Time[]; readonly without: Time[] } = { withWords: [], without: [] }
  for (let from = 0, batch = 0; from < documents; from += BATCH, batch += 1) {
    const texts = Array.from({ length: BATCH }, (_, i) => makeTextDocument(from + i, DOCUMENT_BYTES))
    terms.clear()
    for (const { document, terms: each } of texts) terms.set(refId(document), each)
    const put = async (store: Store): Promise<Time> => {
      globalThis.gc?.()
      return time(async () => {
        const { indexed } = await store.putMany(texts.map(({ document }) => document))
        if ((await indexed) !== BATCH) throw new Error('Not every document is searchable')
      })
    }
    const ofBatch = { without: await put(without), withWords: await put(withWords.store) }
    if (batch < WARM_UP_BATCHES) continue
    times.withWords.push(ofBatch.withWords)
    times.without.push(ofBatch.without)
  }
  await without.close()
  const searching = await search(withWords.space(), documents, rounds)
  await withWords.store.close()
  return {
    writing: { withWords: medians(times.withWords), without: medians(times.without) },
    size: { withWords: statSync(paths.withWords).size, without: statSync(paths.without).size },
    searching,
  }
}

function openStore(backends: { readonly kv: KVBackend; readonly vectors: VectorIndex }): Promise<Store> {
  return createStore({
    collection: 'bench',
    ...backends,
    embedder: instantEmbedder(DIMENSIONS),
    index: { fields: ['text'] },
  })
}

/** A store whose points get the terms that are given for their document, and the space that it searches. */
async function openWithWords(
  path: string,
  terms: ReadonlyMap<string, TermWeights>,
): Promise<{ readonly store: Store; readonly space: () => VectorSpace }> {
  const { kv, vectors } = sqlite({ path })
  const spaces: VectorSpace[] = []
  const addTerms = (document: DocumentPoints): DocumentPoints => {
    const ofDocument = terms.get(refId(document))
    return { ...document, points: document.points.map((point) => ({ ...point, terms: ofDocument })) }
  }
  const open: VectorIndex['open'] = async (definition, options) => {
    const space = await vectors.open({ ...definition, terms: true }, options)
    spaces.push(space)
    return { ...space, replace: (documents, each) => space.replace(documents.map(addTerms), each) }
  }
  const store = await openStore({ kv, vectors: { ...vectors, open } })
  return { store, space: () => spaces[0] as VectorSpace }
}

async function search(space: VectorSpace, documents: number, rounds: number): Promise<WordsResult['searching']> {
  const rest = { prefix: [], now: Date.now(), limit: LIMIT }
  const byVector = () => space.query({ ...rest, vector: randomVector(DIMENSIONS) })
  const byWords = async (words: readonly string[]) => {
    const asked: TermQuery = { ...rest, terms: { terms: words, weights: words.map(() => 1) } }
    return (await space.queryTerms?.(asked))?.matches ?? []
  }
  const times: { [K in keyof WordsResult['searching']]: Time[] } = { vector: [], question: [], identifier: [] }
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const number = (Math.abs(round) * 7919) % documents
    const ofRound = {
      vector: await time(byVector),
      question: await time(() => byWords(makeQuestion(round))),
      identifier: await time(async () => {
        const [found, other] = await byWords([identifierOf(number)])
        if (found?.key !== `document-${number}` || other !== undefined) throw new Error(`Not found: ${number}`)
      }),
    }
    // The first searches begin the copies in memory. Every other call lets the thread do one step of that.
    if (round === -WARM_UP) for (let step = 0; step < documents / 100; step += 1) await space.ping()
    if (round < 0) continue
    times.vector.push(ofRound.vector)
    times.question.push(ofRound.question)
    times.identifier.push(ofRound.identifier)
  }
  return {
    vector: medians(times.vector),
    question: medians(times.question),
    identifier: medians(times.identifier),
  }
}
