/**
 * `npm run bench:words [-- --documents 20000] [--json FILE]`: what words cost in Qdrant. Stores with and without them,
 * whose documents are in memory, take the same documents of 1 kB in turns; then searches by words and by vector.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { QdrantClient } from '@qdrant/js-client-rest'
import { createStore, type PutManyDocument, type Store } from '@tandemstore/core'
import { memoryKV } from '@tandemstore/core/memory'
import { qdrant } from '@tandemstore/qdrant'
import { dropQdrantCollections, startQdrant } from '@tandemstore/testkit/services'
import { measurement, median, timed } from '../../packages/core/bench/measure.ts'
import { identifierOf, makeQuestion, makeTextDocument } from '../../packages/sqlite/bench/text-parts.ts'
import { instantEmbedder, someVector } from './documents.ts'
import { comparison, describeMachine, type Line, toTable } from './report.ts'

const { values } = parseArgs({
  options: { documents: { type: 'string', default: '20000' }, json: { type: 'string' } },
})
const DOCUMENTS = Number(values.documents)
const BATCH = 2000
const WARM_UP = 2
const SEARCHES = 200
const PREFIX = 'bench_words_'

function open(url: string, name: string, keywords: boolean): Promise<Store> {
  return createStore({
    collection: 'bench',
    kv: memoryKV(),
    vectors: qdrant({ url, timeoutMs: 120_000, collectionPrefix: PREFIX + name }),
    embedder: instantEmbedder,
    index: { fields: ['text'], ...(keywords && { keywords: true }) },
  })
}

async function put(store: Store, documents: PutManyDocument[]): Promise<number> {
  globalThis.gc?.()
  return timed(async () => {
    const { indexed } = await store.putMany(documents)
    if ((await indexed) !== documents.length) throw new Error('Not every document is searchable')
  })
}

async function search(store: Store): Promise<Record<'vector' | 'question' | 'identifier', number>> {
  const byWords = (query: string) => store.search([], { query, mode: 'keyword', limit: 10 })
  const took: Record<'vector' | 'question' | 'identifier', number[]> = { vector: [], question: [], identifier: [] }
  for (let round = -20; round < SEARCHES; round += 1) {
    const number = (Math.abs(round) * 7919) % DOCUMENTS
    const vector = await timed(() => store.search([], { vector: someVector(), limit: 10 }))
    const question = await timed(() => byWords(makeQuestion(round).join(' ')))
    const identifier = await timed(async () => {
      const [found] = await byWords(identifierOf(number))
      if (found?.document.key !== `document-${number}`) throw new Error(`Not found first: ${number}`)
    })
    if (round < 0) continue
    took.vector.push(vector)
    took.question.push(question)
    took.identifier.push(identifier)
  }
  return { vector: median(took.vector), question: median(took.question), identifier: median(took.identifier) }
}

const service = await startQdrant()
if (service === undefined) throw new Error('There is no Qdrant to measure on')
try {
  await dropQdrantCollections(service, PREFIX)
  const sides = { with: await open(service.url, 'with_', true), without: await open(service.url, 'without_', false) }
  const lines: Line[] = []
  // The second time every document has another text, and its point is there.
  for (const [revision, what] of ['putMany of new documents', 'putMany of new texts for them'].entries()) {
    const took: Record<keyof typeof sides, number[]> = { with: [], without: [] }
    for (let from = 0, at = 0; from < DOCUMENTS; from += BATCH, at += 1) {
      const batch = Array.from({ length: BATCH }, (_, i) => makeTextDocument(from + i, 1000 + revision * 40).document)
      const order = ['with', 'without'] as const
      for (const side of at % 2 === 0 ? order : order.toReversed()) {
        const ms = await put(sides[side], batch)
        if (at >= WARM_UP || revision > 0) took[side].push((ms * 1000) / BATCH)
      }
    }
    const both = { tandem: median(took.with), bare: median(took.without) }
    lines.push(measurement(`${what}: without words`, both, 'µs/document', { atMost: 1.4 }))
  }
  const { vector, question, identifier } = await search(sides.with)
  lines.push(comparison('a question by words, p50: by vector', { tandem: question, bare: vector }, 'ms'))
  lines.push(comparison('an identifier by words, p50: by vector', { tandem: identifier, bare: vector }, 'ms'))
  for (const store of Object.values(sides)) await store.close()
  const { version } = await new QdrantClient({ url: service.url, checkCompatibility: false }).versionInfo()
  const machine = describeMachine()
  const origin = `Qdrant ${version} (${service.way}), ${DOCUMENTS} documents of 1 kB, vectors of 384`
  process.stdout.write(`${toTable(lines)}\n\n${machine}; ${origin}\n`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, origin, lines }, null, 2)}\n`)
  await dropQdrantCollections(service, PREFIX)
} finally {
  await service.stop()
}
