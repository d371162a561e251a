// Measures searches of a store on one SQLite file against a plain loop, SQL, usearch and LanceDB, by the number of
// documents; ratios hold within one run. `--sizes 1000,50000`, `--rounds N`, `--directory FOLDER` keeps the files and
// takes those that are there, `--lancedb FOLDER` is where @lancedb/lancedb is installed, `--json FILE` and `--plot
// FILE` keep the result.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Store } from '@tandemstore/core'
import { inTurns, type Latencies, percentile } from '../latencies.ts'
import { describeMachine } from '../report.ts'
import { GROUPS, makeVectors, someVector, tenantOf, vectorAt } from './data.ts'
import { plot, type Series } from './plot.ts'
import { lanceFlat, plainLoop, type Side, usearchExact } from './sides.ts'
import { fill, openStore } from './stores.ts'

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,50000,200000' },
    rounds: { type: 'string', default: '21' },
    directory: { type: 'string' },
    lancedb: { type: 'string' },
    json: { type: 'string' },
    plot: { type: 'string' },
  },
})
const sizes = options.sizes.split(',').map(Number)
const rounds = Number(options.rounds)
const LIMIT = 10

interface Result {
  readonly size: number
  /** Milliseconds, p50, by side. */
  readonly p50: Readonly<Record<string, number>>
  readonly bytesPerPoint?: number
  readonly ingest?: number
  readonly verify: number
}

const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'tandem-embedded-'))
mkdirSync(directory, { recursive: true })
const results: Result[] = []
try {
  for (const size of sizes) {
    results.push(await measure(size))
    // After each, as the next may take long.
    save()
  }
} finally {
  if (options.directory === undefined) rmSync(directory, { recursive: true })
}
report()

async function measure(size: number): Promise<Result> {
  const vectors = makeVectors(size)
  const path = join(directory, `${size}.db`)
  let ingest: number | undefined
  if (!existsSync(path)) {
    const made = await openStore(path, { vectors })
    ingest = await fill(made, size)
    await made.close()
  }
  const store = await openStore(path)
  const bySql = await openStore(path, { maxBytes: 0 })
  const sides: Record<string, Side> = { ...(await others(vectors)), SQL: sideOf(bySql), Tandem: sideOf(store) }
  await settle(store)
  await checkExact(sides, vectors, size)
  // SQL over a million takes a second a query.
  const latencies = await inTurns(size > 200_000 ? Math.ceil(rounds / 3) : rounds, callsOf(sides))
  const filtered = await inTurns(rounds, {
    'Tandem, a tenant of 1,000': (round) =>
      store.search(tenantOf((round * 1000) % size), { vector: someVector(), limit: LIMIT }),
    'Tandem, a filter that 1 % passes': (round) =>
      store.search([], { vector: someVector(), limit: LIMIT, filter: { group: round % GROUPS } }),
  })
  const start = performance.now()
  const { checked } = await store.verify()
  const verify = (checked * 1000) / (performance.now() - start)
  for (const side of Object.values(sides)) side.close?.()
  await store.close()
  await bySql.close()
  const p50 = Object.entries<Latencies>({ ...latencies, ...filtered }).map(([name, each]) => [
    name,
    percentile(each, 50),
  ])
  return { size, p50: Object.fromEntries(p50), verify, ...(ingest !== undefined && { ingest }) }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function sideOf(store: Store): Side {
  return {
    async search(vector, limit) {
      const hits = await store.search([], { vector, limit })
      return hits.map(({ document }) => Number(document.key.slice(1)))
    },
  }
}

async function others(vectors: Float32Array): Promise<Record<string, Side>> {
  const sides: Record<string, Side> = { 'plain loop': plainLoop(vectors) }
  const tries: [string, () => Promise<Side>][] = [['usearch exact', () => usearchExact(vectors)]]
  const { lancedb } = options
  if (lancedb === undefined) say('SKIPPED: LanceDB; give --lancedb FOLDER where @lancedb/lancedb is installed')
  else tries.push(['LanceDB flat', () => lanceFlat(vectors, lancedb)])
  for (const [name, make] of tries) {
    try {
      sides[name] = await make()
    } catch (error) {
      say(`SKIPPED: ${name} cannot be had here: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return sides
}

function callsOf(sides: Record<string, Side>): Record<string, () => Promise<unknown>> {
  const calls = Object.entries(sides).map(
    ([name, side]) => [name, async () => side.search(someVector(), LIMIT)] as const,
  )
  return Object.fromEntries(calls)
}

/** Searches until the copy is there, which is made between them. */
async function settle(store: Store): Promise<void> {
  let [last, best] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let quick = 0; quick < 10; ) {
    const start = performance.now()
    await store.search([], { vector: someVector(), limit: LIMIT })
    last = performance.now() - start
    best = Math.min(best, last)
    quick = last < 2 * best + 1 ? quick + 1 : 0
  }
}

/** Both sides of the store find what the loop finds. */
async function checkExact(sides: Record<string, Side>, vectors: Float32Array, size: number): Promise<void> {
  for (let i = 0; i < 20; i += 1) {
    const vector = i % 2 === 0 ? someVector() : vectorAt(vectors, (i * 7919) % size).slice()
    const expected = String(await sides['plain loop']?.search(vector, LIMIT))
    for (const name of ['Tandem', 'SQL']) {
      const found = String(await sides[name]?.search(vector, LIMIT))
      if (found !== expected) throw new Error(`${name} found ${found} among ${size}, the loop ${expected}`)
    }
  }
}

function report(): void {
  const names = sideNames()
  const short = (value: number | undefined): string =>
    value === undefined ? '–' : String(Number(value.toPrecision(3)))
  const head = ['documents', ...names, 'of the loop', 'verify, documents/s']
  const rows = results.map(({ size, p50, verify }) => [
    size.toLocaleString('en'),
    ...names.map((name) => short(p50[name])),
    short((p50.Tandem as number) / (p50['plain loop'] as number)),
    Math.round(verify).toLocaleString('en'),
  ])
  const toLine = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const machine = describeMachine()
  say([toLine(head), toLine(head.map(() => '---')), ...rows.map(toLine)].join('\n'))
  say(`p50 in milliseconds; exact, checked against the loop; ${machine}`)
  for (const { size, ingest } of results) {
    if (ingest !== undefined) say(`${size} documents were ingested at ${Math.round(ingest)} a second`)
  }
}

function save(): void {
  const names = sideNames()
  const series = names.map((name): Series => {
    const points = results.flatMap(({ size, p50 }) => (p50[name] === undefined ? [] : [{ size, ms: p50[name] }]))
    return { name, points }
  })
  if (options.plot !== undefined) writeFileSync(options.plot, plot(series))
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ machine: describeMachine(), results }, null, 2)}\n`)
}

function sideNames(): string[] {
  return [...new Set(results.flatMap(({ p50 }) => Object.keys(p50)))]
}
