import { Command } from 'commander'
import { exitCodes } from '../exit-codes.js'
import { count } from '../numbers.js'
import { number, wholeNumber } from '../options.js'
import type { StressReport } from '../result.js'
import { driftOf } from '../stress/drift.js'
import { runStress } from '../stress/stress.js'
import { formatTable } from '../table.js'
import { latencyCells, latencyHead } from '../workload/columns.js'
import { runWorkload, type WorkloadFlags, withKeywordsOptions, withWorkloadOptions } from '../workload/command.js'
import { judgeSearches } from '../workload/verdict.js'

interface StressFlags extends WorkloadFlags {
  readonly documents: number
  readonly concurrency: number
  readonly duration: number
}

export function stressCommand(): Command {
  const command = new Command('stress').description(
    'Reads, writes, deletes and searches at the same time, and whether the store stayed in order. Ends with 1 after any error or drift.',
  )
  return withKeywordsOptions(withWorkloadOptions(command))
    .option('--documents <number>', 'documents in the store', wholeNumber(1), 1000)
    .option('--concurrency <number>', 'operations at the same time', wholeNumber(1, 10_000), 16)
    .option('--duration <seconds>', 'how long', number(0.1, 1e7), 30)
    .action(async (flags: StressFlags) => {
      const { documents, concurrency, duration, maxP95 } = flags
      const report = await runWorkload(
        flags,
        { documents, concurrency, durationSeconds: duration },
        (workload) => runStress({ ...workload, documents, concurrency, durationMs: duration * 1000 }),
        formatReport,
      )
      const failed = Object.keys(report.errors).length > 0 || driftOf(report.verify) > 0
      const judged = judgeSearches([report.operations.search.latency], maxP95)
      process.exitCode = failed ? exitCodes.error : judged
    })
}

function formatReport({ operations, searches, errors, verify }: StressReport): string {
  const table = formatTable(
    ['operation', 'count', ...latencyHead.map((name) => `${name} (ms)`), 'errors'],
    [
      ...Object.entries(operations).map(([name, { latency, errors: failed }]) => [
        name,
        count(latency.count),
        ...latencyCells(latency),
        String(failed),
      ]),
      ...Object.entries(searches ?? {}).map(([mode, latency]) => [
        `search, ${mode}`,
        count(latency.count),
        ...latencyCells(latency),
        '',
      ]),
    ],
  )
  const codes = Object.entries(errors).map(([code, count]) => `${count} × ${code}`)
  const { checked, missing, stale, orphaned, pending = 0, damaged = 0, orphanedElsewhere = 0 } = verify
  const counts = [`${missing} missing`, `${stale} stale`, `${orphaned} orphaned`, `${pending} pending`]
  if (damaged > 0) counts.push(`${damaged} damaged`)
  if (orphanedElsewhere > 0) counts.push(`${orphanedElsewhere} orphaned in the space of another model`)
  return [
    table,
    `Errors: ${codes.length === 0 ? 'none' : codes.join(', ')}`,
    `Drift in ${checked} documents: ${counts.join(', ')}`,
  ].join('\n\n')
}
