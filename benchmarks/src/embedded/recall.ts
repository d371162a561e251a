/*
 * `node scripts/run.mjs benchmarks/src/embedded/recall.ts --corpus FOLDER [--documents 50000] [--jitter 0.5]`: what
 * part of the ten nearest documents `sqlite({ search: 'approximate' })` finds, and how fast. The vectors are those that
 * embed-local makes of the texts in FOLDER/corpus.jsonl, each several times with noise, as a larger corpus on the same
 * subjects would have; the queries are those of FOLDER/queries.jsonl. Both sides search one file, in turns.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createStore, type Store } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { local } from '@tandemstore/embed-local'
import { sqlite } from '@tandemstore/sqlite'
import { median } from '../../../packages/core/bench/measure.ts'
import { describeMachine } from '../report.ts'

const { values } = parseArgs({
  options: {
    corpus: { type: 'string' },
    documents: { type: 'string', default: '50000' },
    jitter: { type: 'string', default: '0.5' },
  },
})
if (values.corpus === undefined) throw new Error('Say where the texts are: --corpus FOLDER')
const DOCUMENTS = Number(values.documents)
/** Length of the noise, where a vector has 1. */
const JITTER = Number(values.jitter)
const LIMIT = 10
/** Scores that differ by less are of equally near vectors. */
const TIE = 1e-6

const texts = (file: string): string[] =>
  readFileSync(join(values.corpus as string, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly title?: string; readonly text: string })
    .map(({ title = '', text }) => `${title} ${text}`.trim())

const model = local()
const embed = async (all: readonly string[], purpose: 'document' | 'query') =>
  (await model.embed(all, { purpose })).vectors.map((vector) => Float32Array.from(vector))
const real = await embed(texts('corpus.jsonl'), 'document')
const queries = await embed(texts('queries.jsonl'), 'query')
const dimensions = real[0]?.length ?? 0

/** The first documents have the real vectors. */
function vectorOf(number: number): Float32Array {
  const vector = real[number % real.length] as Float32Array
  if (number < real.length) return vector
  const noise = Float32Array.from({ length: dimensions }, normal)
  const scale = (JITTER * Math.hypot(...vector)) / Math.hypot(...noise)
  return vector.map((x, i) => x + scale * (noise[i] as number))
}

function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
}

const embedder: Embedder = {
  model: { provider: 'bench', name: 'jittered' },
  dimensions,
  embed: (all) => ({ vectors: all.map((text) => vectorOf(Number(text))) }),
}

const directory = mkdtempSync(join(tmpdir(), 'tandem-recall-'))
const path = join(directory, 'recall.db')
const open = (search: 'exact' | 'approximate'): Promise<Store> =>
  createStore({ collection: 'bench', ...sqlite({ path, search }), embedder, index: { fields: ['text'] } })

try {
  const exact = await open('exact')
  const { indexed } = await exact.putMany(
    Array.from({ length: DOCUMENTS }, (_, i) => ({ namespace: ['d'], key: String(i), value: { text: String(i) } })),
  )
  if ((await indexed) !== DOCUMENTS) throw new Error('Not every document is searchable')
  const approximate = await open('approximate')
  const took: { readonly exact: number[]; readonly approximate: number[] } = { exact: [], approximate: [] }
  for (const store of [exact, approximate]) {
    await store.search(['d'], { vector: queries[0] as Float32Array, limit: 1 })
    // Every call lets the thread do one step of copying and grouping, a hundred rows at least.
    for (let call = 0; call < DOCUMENTS / 10; call += 1) await store.get(['d'], 'none')
  }
  let found = 0
  let whole = 0
  for (const vector of queries) {
    const search = async (side: keyof typeof took, store: Store) => {
      const start = performance.now()
      const hits = await store.search(['d'], { vector, limit: LIMIT })
      took[side].push(performance.now() - start)
      return hits.map(({ score = 0 }) => score)
    }
    const nearest = await search('exact', exact)
    const least = (nearest.at(-1) ?? 0) - TIE
    const hits = (await search('approximate', approximate)).filter((score) => score >= least).length
    found += hits / nearest.length
    if (hits >= nearest.length) whole += 1
  }
  await approximate.close()
  await exact.close()
  const lines = [
    `${DOCUMENTS} vectors of ${dimensions} made of ${real.length}, noise ${JITTER}, ${queries.length} queries`,
    `recall@${LIMIT}: ${(found / queries.length).toFixed(4)}; all ten found: ${whole} of ${queries.length}`,
    `p50: exact ${median(took.exact).toFixed(2)} ms, approximate ${median(took.approximate).toFixed(2)} ms`,
    `${describeMachine()}, load ${loadavg()[0]?.toFixed(1)}`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
} finally {
  rmSync(directory, { recursive: true })
}
