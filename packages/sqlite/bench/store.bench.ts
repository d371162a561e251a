/*
 * Compares a store on sqlite() with bare node:sqlite and sqlite-vec, where embedding takes no time, and looks at what
 * a large ingest does to memory and event loop: `node --expose-gc bench/store.bench.ts [--json FILE] [--quick]`. The
 * two sides of a comparison are measured in turns in one run, so that what else the machine does falls on both; the
 * ratio of medians is what counts.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import type { IngestResult } from './ingest.ts'
import { round, type Time } from './measure.ts'
import { compareSearching } from './store-searching.ts'
import { compareWords } from './store-words.ts'
import { compareWriting } from './store-writing.ts'

const { values: options } = parseArgs({
  options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } },
})
const sizes = options.quick
  ? { writes: 5000, writeRounds: 3, vectors: 10_000, searchRounds: 5, words: 20_000, ingest: 100_000 }
  : { writes: 5000, writeRounds: 9, vectors: 50_000, searchRounds: 15, words: 50_000, ingest: 200_000 }

const WORD_SEARCHES = 60

interface Row {
  readonly store: number
  readonly bare?: number
  readonly unit: string
  /** Of the store to the bare statements, or of words to what they are compared with. */
  readonly ratio?: number
  /** The same by the processor time of all threads, which depends less on what else the machine does. */
  readonly cpuRatio?: number
  readonly promise: string
  readonly kept: 'yes' | 'NO'
}

const table: Record<string, Row> = {}
const ingests: Record<string, IngestResult> = {}
const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'))
try {
  await writing()
  await searching()
  await words()
} finally {
  rmSync(directory, { recursive: true })
}
for (const mode of ['background', 'manual'] as const) await ingesting(mode)

console.table(table)
for (const [mode, { samples }] of Object.entries(ingests)) {
  console.log(`Memory while ${sizes.ingest} documents are ingested, mode ${mode}:`)
  console.table(samples)
}
const machine = { node: process.version, model: cpus()[0]?.model, cpus: cpus().length, load: loadavg()[0] }
console.log(`Node.js ${machine.node}, ${machine.cpus} × ${machine.model}, load ${machine.load?.toFixed(1)}`)
if (options.json !== undefined) {
  mkdirSync(dirname(options.json), { recursive: true })
  writeFileSync(options.json, `${JSON.stringify({ machine, sizes, results: table, ingests }, null, 2)}\n`)
}

async function writing(): Promise<void> {
  const { writes, writeRounds } = sizes
  const { store, bare, batch } = await compareWriting(directory, writes, writeRounds)
  const rate = ({ wall }: Time): number => Math.round((writes * 1000) / wall)
  const ratio = rate(store) / rate(bare)
  table[`putMany, 1 KB and 384 dimensions, ${Math.round(batch)} in a call`] = {
    store: rate(store),
    bare: rate(bare),
    unit: 'documents/s',
    ratio: round(ratio),
    cpuRatio: round(bare.cpu / store.cpu),
    promise: 'ratio ≥ 0.5',
    kept: verdict(ratio >= 0.5),
  }
}

async function searching(): Promise<void> {
  const { store, bare } = await compareSearching(directory, sizes.vectors, sizes.searchRounds)
  const ratio = store.wall / bare.wall
  table[`search by vector among ${sizes.vectors}`] = {
    store: round(store.wall),
    bare: round(bare.wall),
    unit: 'ms',
    ratio: round(ratio),
    cpuRatio: round(store.cpu / bare.cpu),
    promise: 'ratio ≤ 1.2',
    kept: verdict(ratio <= 1.2),
  }
}

/** With words against without, in the columns of the store and of the bare statements. */
async function words(): Promise<void> {
  const { writing, size, searching } = await compareWords(directory, sizes.words, WORD_SEARCHES)
  const compare = (what: string, unit: string, [ours, other]: [number, number], most: number): void => {
    const ratio = ours / other
    table[what] = {
      store: round(ours),
      bare: round(other),
      unit,
      ratio: round(ratio),
      promise: `ratio ≤ ${most}`,
      kept: verdict(ratio <= most),
    }
  }
  const { vector, question, identifier, hybrid, deepVector, deepQuestion } = searching
  compare('putMany with words (bare: without)', 'ms', [writing.withWords.wall, writing.without.wall], 1.6)
  compare('file with words (bare: without)', 'MiB', [size.withWords / 2 ** 20, size.without / 2 ** 20], 1.5)
  const among = `among ${sizes.words} (bare: by vector)`
  compare(`search by 2 to 4 words ${among}`, 'ms', [question.wall, vector.wall], 0.2)
  compare(`search by an identifier ${among}`, 'ms', [identifier.wall, vector.wall], 0.2)
  const slower = Math.max(vector.wall, question.wall)
  const asDeep = Math.max(deepVector.wall, deepQuestion.wall)
  compare(
    `hybrid search among ${sizes.words} (bare: the slower leg alone, ten hits)`,
    'ms',
    [hybrid.wall, slower],
    1.15,
  )
  compare(
    `hybrid search among ${sizes.words} (bare: the slower leg alone, 100 hits)`,
    'ms',
    [hybrid.wall, asDeep],
    1.15,
  )
}

async function ingesting(mode: 'background' | 'manual'): Promise<void> {
  const program = fileURLToPath(new URL('ingest.ts', import.meta.url))
  // This process does nothing meanwhile: how long it is kept waiting is the machine's doing.
  const idle = monitorEventLoopDelay({ resolution: 1 })
  idle.enable()
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--disable-warning=ExperimentalWarning',
    program,
    mode,
    String(sizes.ingest),
  ])
  idle.disable()
  const result = JSON.parse(stdout) as IngestResult
  ingests[mode] = result
  const what = `ingest of ${sizes.ingest}, ${mode}`
  const heap = result.samples.map(({ heapMiB }) => heapMiB)
  const growth = Math.max(...heap) - (heap[0] as number)
  table[`${what}: heap beyond that at the first tenth`] = {
    store: round(growth),
    unit: 'MiB',
    promise: '≤ 8',
    kept: verdict(growth <= 8),
  }
  const resident = result.samples.map(({ rssMiB }) => rssMiB)
  const half = resident.length / 2
  // The page cache of SQLite (64 MiB) fills up in the first half.
  const ratio = Math.max(...resident.slice(half)) / Math.max(...resident.slice(0, half))
  table[`${what}: highest resident set, second half to first`] = {
    store: Math.max(...resident),
    unit: 'MiB',
    ratio: round(ratio),
    promise: 'ratio ≤ 1.25',
    kept: verdict(ratio <= 1.25),
  }
  table[`${what}: longest delay of the event loop (bare: of an idle process)`] = {
    store: result.longestDelayMs,
    bare: round(idle.max / 1e6),
    unit: 'ms',
    promise: '< 50',
    kept: verdict(result.longestDelayMs < 50),
  }
}

function verdict(kept: boolean): Row['kept'] {
  return kept ? 'yes' : 'NO'
}
