import type { QueryResult, TermQuery } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Database } from '../src/database.js'
import { readSpace } from '../src/vectors/space.js'
import { vectorsSpaces } from '../src/vectors/spaces.js'
import { wordsQuery } from '../src/vectors/words/query.js'
import { WordWriter } from '../src/vectors/words/word-bytes.js'
import { type SentDocument, vectorsWrite } from '../src/vectors/write.js'
import { versionOf } from './support.js'

/** Opens a space for words alone. */
export function openWords(db: Database): number {
  const definition = { name: 's', metric: 'cosine', filterable: { lang: 'keyword' }, terms: true } as const
  return db.transaction('write', () => vectorsSpaces.vectorsOpen.run(db, { definition }))
}

export interface WordsDocument extends Omit<SentDocument, 'points' | 'fingerprint'> {
  /** Of each point its text and the weight of each word in it. */
  readonly parts: readonly { readonly hash?: string; readonly words?: Readonly<Record<string, number>> | undefined }[]
}

export function writeWords(db: Database, space: number, documents: readonly WordsDocument[]): void {
  const weigh = (words: Readonly<Record<string, number>>) => ({
    terms: Object.keys(words),
    weights: Object.values(words),
  })
  const writer = new WordWriter(
    documents.flatMap(({ parts }) => parts.map(({ words }) => (words ? weigh(words) : undefined))),
  )
  const sent = documents.map(({ parts, ...document }) => ({
    ...document,
    fingerprint: 'f',
    points: parts.map(({ words, hash = 'h' }, part) => ({
      id: JSON.stringify([document.namespace, document.key, part]),
      field: '$',
      part,
      hash,
      bare: true as const,
      words: words && writer.add(weigh(words)),
    })),
  }))
  const args = { space, documents: JSON.stringify(sent), vectors: new Float32Array(0), words: writer.bytes }
  vectorsWrite.vectorsReplace.run(db, args)
}

/** So many documents of one point: k0, k1, … */
export function fillWords(
  db: Database,
  space: number,
  count: number,
  wordsOf: (number: number) => Record<string, number>,
  from = 0,
): void {
  const documents = Array.from({ length: count }, (_, i) => ({
    namespace: ['n'],
    key: `k${from + i}`,
    version: versionOf(1),
    terms: [],
    parts: [{ words: wordsOf(from + i) }],
  }))
  db.transaction('write', () => writeWords(db, space, documents))
}

export function searchWords(
  db: Database,
  space: number,
  words: string | Readonly<Record<string, number>>,
  query: Partial<TermQuery> = {},
): QueryResult {
  const weights = typeof words === 'string' ? Object.fromEntries(words.split(' ').map((word) => [word, 1])) : words
  const terms = { terms: Object.keys(weights), weights: Object.values(weights) }
  return db.transaction('read', () =>
    wordsQuery.wordsQuery.run(db, { space, prefix: [], now: 0, limit: 10, terms, ...query }),
  )
}

/** Makes sure that the next search goes by the index in memory. */
export function readyWords(db: Database, space: number): void {
  const look = () => db.transaction('read', () => db.copies.readyWords(db, readSpace(db, space)))
  if (look() === undefined) while (db.copies.busy) db.transaction('read', () => db.copies.step(db))
  expect(look()).toBeDefined()
}
