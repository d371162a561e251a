// Measures TandemStore against the official stores of LangGraph.js; ratios hold within one run. `--json FILE` keeps the result,
// `--rounds N` (default 2), `--only times` or `--only tenants` runs a part (PostgresStore takes minutes to be filled).
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { measurement, median } from '../../../packages/core/bench/measure.ts'
import { comparison, describeMachine, type Line, toTable } from '../report.ts'
import { startPostgres } from './postgres.ts'
import { makers, type Side } from './stores.ts'
import { CALL_MS, findOwn, runWorkloads } from './workloads.ts'

const { values } = parseArgs({
  options: { json: { type: 'string' }, only: { type: 'string' }, rounds: { type: 'string', default: '2' } },
})
const { only } = values
const rounds = Number(values.rounds)
/** Shares of PostgresStore's time that are promised; 1 for the others. */
const promised: Readonly<Record<string, number>> = { '1,000 puts in one batch': 0.1, '200 puts at once': 0.1 }

type Times = Record<string, number[]>

async function withSide<Result>(make: () => Promise<Side>, use: (side: Side) => Promise<Result>): Promise<Result> {
  const side = await make()
  try {
    return await use(side)
  } finally {
    await side.close()
  }
}

async function measure(sides: Readonly<Record<string, () => Promise<Side>>>): Promise<Record<string, Times>> {
  const times: Record<string, Times> = {}
  for (let round = 0; round < rounds; round += 1) {
    const names = Object.keys(sides)
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const { times: taken, calls } = await withSide(sides[name] as () => Promise<Side>, runWorkloads)
      const before = times[name] ?? {}
      times[name] = Object.fromEntries(
        Object.entries(taken).map(([workload, ms]) => [workload, [...(before[workload] ?? []), ms]]),
      )
      process.stderr.write(
        `round ${round + 1} of ${rounds}: ${name}, ${calls} calls of the model for a batch of 1,000 puts\n`,
      )
    }
  }
  return times
}

function toLines(tandem: Times, other: Times, name: string, limit?: (workload: string) => number): Line[] {
  return Object.keys(tandem).map((workload) => {
    const sides = { tandem: median(tandem[workload] ?? []), bare: median(other[workload] ?? []) }
    const title = `${workload}, against ${name}`
    return limit === undefined
      ? comparison(title, sides, 'ms')
      : measurement(title, sides, 'ms', { atMost: limit(workload) })
  })
}

const postgres = await startPostgres()
const hasPostgres = !('skipped' in postgres)
if (!hasPostgres) process.stderr.write(`SKIPPED: PostgresStore is not measured. ${postgres.skipped}\n`)
const { memory, inMemoryStore, sqlite, postgresStore } = makers
const sides = {
  memory,
  inMemoryStore,
  sqlite,
  ...(hasPostgres ? { postgresStore: () => postgresStore(postgres.url) } : {}),
}
try {
  const lines = only === 'tenants' ? [] : await compareTimes()
  const found = only === 'times' ? {} : await compareTenants()
  const machine = describeMachine()
  process.stdout.write(
    `${machine}; ${CALL_MS} ms a call of the model; ${hasPostgres ? postgres.origin : 'no PostgreSQL'}\n`,
  )
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, lines, found }, null, 2)}\n`)
} finally {
  if (hasPostgres) await postgres.stop()
}

async function compareTimes(): Promise<Line[]> {
  const times = await measure(sides)
  const lines = [
    ...(times.postgresStore === undefined
      ? []
      : toLines(times.sqlite as Times, times.postgresStore, 'PostgresStore', (workload) => promised[workload] ?? 1)),
    ...toLines(times.memory as Times, times.inMemoryStore as Times, 'InMemoryStore'),
  ]
  process.stdout.write(`${toTable(lines)}\n\n`)
  return lines
}

async function compareTenants(): Promise<Record<string, { readonly own: number; readonly foreign: number }>> {
  process.stdout.write("Of a tenant's ten items among 11,110 (search for ten):\n")
  const found: Record<string, { readonly own: number; readonly foreign: number }> = {}
  for (const [name, make] of Object.entries(sides)) {
    const { own, foreign } = await withSide(make, findOwn)
    process.stdout.write(`  ${name}: ${own} of 10${foreign > 0 ? `, and ${foreign} of other tenants` : ''}\n`)
    found[name] = { own, foreign }
  }
  process.stdout.write('\n')
  return found
}
