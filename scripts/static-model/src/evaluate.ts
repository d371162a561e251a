import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashOf, type Passage } from './read-texts.ts'

/** Texts, questions, and for each question the places of the texts that answer it. */
export interface Collection {
  readonly documents: readonly string[]
  readonly queries: readonly string[]
  readonly relevant: readonly ReadonlySet<number>[]
}

export interface Quality {
  readonly ndcg10: number
  readonly recall100: number
}

export type EmbedOne = (text: string) => Float32Array

const maxQueries = 700
/** A title that stands above more than these is a word such as "Parameters". */
const maxRelevant = 6

/** Known-item search: each title is asked for, and the passages below it are to be found among all. */
export function titlesAndBodies(passages: readonly Passage[]): Collection {
  const ofTitle = new Map<string, Set<number>>()
  const ordered = passages
    .map((passage) => ({ passage, key: hashOf(passage) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  ordered.forEach(({ passage: { title, body } }, place) => {
    if (title.length >= 12 && body.length >= 40) ofTitle.set(title, (ofTitle.get(title) ?? new Set()).add(place))
  })
  const chosen = [...ofTitle].filter(([, places]) => places.size <= maxRelevant).slice(0, maxQueries)
  return {
    documents: ordered.map(({ passage }) => passage.body),
    queries: chosen.map(([title]) => title),
    relevant: chosen.map(([, places]) => places),
  }
}

/** A judged collection in the layout of BEIR. */
export async function readBeir(folder: string): Promise<Collection> {
  const lines = async (name: string) => (await readFile(join(folder, name), 'utf8')).trim().split('\n')
  const documents = (await lines('corpus.jsonl')).map((line) => JSON.parse(line))
  const queries = (await lines('queries.jsonl')).map((line) => JSON.parse(line))
  const places = new Map(documents.map(({ _id }, place) => [_id, place]))
  const relevant = new Map(queries.map(({ _id }) => [_id, new Set<number>()]))
  for (const line of (await lines('qrels/test.tsv')).slice(1)) {
    const [query, document, score] = line.split('\t')
    const place = places.get(document)
    if (Number(score) > 0 && place !== undefined) relevant.get(query)?.add(place)
  }
  return {
    documents: documents.map(({ title, text }) => `${title} ${text}`),
    queries: queries.map(({ text }) => text),
    relevant: [...relevant.values()],
  }
}

/** By exact search, over the questions that anything answers. */
export function evaluate({ documents, queries, relevant }: Collection, embed: EmbedOne): Quality {
  const vectors = documents.map(embed)
  let [ndcg, recall, asked] = [0, 0, 0]
  queries.forEach((query, at) => {
    const wanted = relevant[at]
    if (wanted.size === 0) return
    asked++
    const best = nearest(vectors, embed(query), 100)
    const gain = (rank: number) => 1 / Math.log2(rank + 2)
    const ideal = Array.from({ length: Math.min(10, wanted.size) }, (_, rank) => gain(rank))
    ndcg += sum(best.slice(0, 10).map((place, rank) => (wanted.has(place) ? gain(rank) : 0))) / sum(ideal)
    recall += best.filter((place) => wanted.has(place)).length / wanted.size
  })
  return { ndcg10: round(ndcg / asked), recall100: round(recall / asked) }
}

/** How many of the teacher's ten nearest neighbours of a text are among the table's ten. */
export function agreement(texts: readonly string[], embed: EmbedOne, teacher: readonly Float32Array[]): number {
  const vectors = texts.map(embed)
  const asked = Math.min(300, texts.length)
  let shared = 0
  for (let i = 0; i < asked; i++) {
    const [own, its] = [vectors, teacher].map((all) => new Set(nearest(all, all[i], 11).filter((place) => place !== i)))
    shared += [...own].filter((place) => its.has(place)).length / 10
  }
  return round(shared / asked)
}

function nearest(vectors: readonly Float32Array[], query: Float32Array, most: number): number[] {
  const scores = vectors.map((vector) => {
    let dot = 0
    for (let i = 0; i < query.length; i++) dot += vector[i] * query[i]
    return dot
  })
  return Array.from(scores.keys())
    .sort((a, b) => scores[b] - scores[a] || a - b)
    .slice(0, most)
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
const round = (value: number) => Number(value.toFixed(4))
