import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createStore, type Store } from '@tandemstore/core'
import { sqlite } from '@tandemstore/sqlite'
import { randomVector } from './bare.ts'
import { medians, type Time, time } from './measure.ts'
import { instantEmbedder } from './store-parts.ts'
import { identifierOf, makeQuestion, makeTextDocument } from './text-parts.ts'

const DIMENSIONS = 384
const DOCUMENT_BYTES = 1000
const LIMIT = 10
/** Documents that each leg of a hybrid search finds, at least. */
const LEG_LIMIT = 100
const BATCH = 2500
const WARM_UP_BATCHES = 2
const WARM_UP = 10

export interface WordsResult {
  /** A batch of putMany, until all is searchable. */
  readonly writing: { readonly withWords: Time; readonly without: Time }
  /** Bytes of the closed file. */
  readonly size: { readonly withWords: number; readonly without: number }
  readonly searching: {
    readonly vector: Time
    readonly question: Time
    readonly identifier: Time
    readonly hybrid: Time
    /** As deep as the legs of a hybrid search. */
    readonly deepVector: Time
    readonly deepQuestion: Time
  }
}

/**
 * Compares a store that indexes words with one that does not, writing in turns, and searches by words with those by
 * vector in the same store.
 */
export async function compareWords(directory: string, documents: number, rounds: number): Promise<WordsResult> {
  const paths = { withWords: join(directory, 'words.db'), without: join(directory, 'no-words.db') }
  const withWords = await openStore(paths.withWords, true)
  const without = await openStore(paths.without, false)
  const times: { readonly withWords: Time[]; readonly without: Time[] } = { withWords: [], without: [] }
  for (let from = 0, batch = 0; from < documents; from += BATCH, batch += 1) {
    const texts = Array.from({ length: BATCH }, (_, i) => makeTextDocument(from + i, DOCUMENT_BYTES).document)
    const put = async (store: Store): Promise<Time> => {
      globalThis.gc?.()
      return time(async () => {
        const { indexed } = await store.putMany(texts)
        if ((await indexed) !== BATCH) throw new Error('Not every document is searchable')
      })
    }
    const ofBatch = { without: await put(without), withWords: await put(withWords) }
    if (batch < WARM_UP_BATCHES) continue
    times.withWords.push(ofBatch.withWords)
    times.without.push(ofBatch.without)
  }
  await without.close()
  const searching = await search(withWords, documents, rounds)
  await withWords.close()
  return {
    writing: { withWords: medians(times.withWords), without: medians(times.without) },
    size: { withWords: statSync(paths.withWords).size, without: statSync(paths.without).size },
    searching,
  }
}

function openStore(path: string, keywords: boolean): Promise<Store> {
  return createStore({
    collection: 'bench',
    ...sqlite({ path }),
    embedder: instantEmbedder(DIMENSIONS),
    index: { fields: ['text'], ...(keywords && { keywords: true }) },
  })
}

async function search(store: Store, documents: number, rounds: number): Promise<WordsResult['searching']> {
  const byVector = (limit = LIMIT) => store.search([], { vector: randomVector(DIMENSIONS), limit })
  const byBoth = (query: string) =>
    store.search([], { query, vector: randomVector(DIMENSIONS), mode: 'hybrid', limit: LIMIT })
  const byWords = (query: string, limit = LIMIT) => store.search([], { query, mode: 'keyword', limit })
  const measured: WordsResult['searching'][] = []
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const number = (Math.abs(round) * 7919) % documents
    const ofRound = {
      vector: await time(() => byVector()),
      question: await time(() => byWords(makeQuestion(round).join(' '))),
      identifier: await time(async () => {
        const [found] = await byWords(identifierOf(number))
        if (found?.document.key !== `document-${number}`) throw new Error(`Not found first: ${number}`)
      }),
      hybrid: await time(() => byBoth(makeQuestion(round).join(' '))),
      deepVector: await time(() => byVector(LEG_LIMIT)),
      deepQuestion: await time(() => byWords(makeQuestion(round).join(' '), LEG_LIMIT)),
    }
    // The first searches begin the copies in memory. Every other call lets the thread do one step of that.
    if (round === -WARM_UP) for (let step = 0; step < documents / 100; step += 1) await store.get(['users'], 'none')
    if (round >= 0) measured.push(ofRound)
  }
  const of = (name: keyof WordsResult['searching']): Time => medians(measured.map((each) => each[name]))
  return {
    vector: of('vector'),
    question: of('question'),
    identifier: of('identifier'),
    hybrid: of('hybrid'),
    deepVector: of('deepVector'),
    deepQuestion: of('deepQuestion'),
  }
}
