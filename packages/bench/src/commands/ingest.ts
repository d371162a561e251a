import type { SyncMode } from '@tandemstore/core'
import { Command, InvalidArgumentError, Option } from 'commander'
import { runIngest } from '../ingest/ingest.js'
import { count, short } from '../numbers.js'
import { wholeNumber } from '../options.js'
import type { IngestReport } from '../result.js'
import { formatTable } from '../table.js'
import { latencyCells, latencyHead } from '../workload/columns.js'
import { runWorkload, type WorkloadFlags, withWorkloadOptions } from '../workload/command.js'
import { judgeSearches } from '../workload/verdict.js'

interface IngestFlags extends WorkloadFlags {
  readonly sizes: readonly number[]
  readonly sync: SyncMode
  readonly baseline: number
  readonly searches: number
}

export function ingestCommand(): Command {
  const command = new Command('ingest').description(
    'How many documents a second the store takes, and how fast it searches then.',
  )
  return withWorkloadOptions(command)
    .option('--sizes <numbers>', 'documents of each run, separated by commas', toSizes, [100, 1000, 5000])
    .addOption(
      new Option('--sync <mode>', 'how documents are put; the time always ends when all are searchable')
        .choices(['wait', 'background', 'manual'])
        .default('background'),
    )
    .option('--baseline <number>', 'documents to put one by one at most; 0 leaves it out', wholeNumber(0), 200)
    .option('--searches <number>', 'searches after each run', wholeNumber(1), 200)
    .action(async (flags: IngestFlags) => {
      const { sizes, sync, baseline, searches, maxP95 } = flags
      const own = { sizes: [...sizes], sync, baseline, searches }
      const report = await runWorkload(flags, own, (workload) => runIngest({ ...workload, ...own }), formatReport)
      process.exitCode = judgeSearches(
        report.runs.map(({ search }) => search),
        maxP95,
      )
    })
}

function toSizes(value: string): number[] {
  const sizes = value.split(',').map(wholeNumber(1))
  if (sizes.length === 0) throw new InvalidArgumentError('Expected numbers such as 100,1000.')
  return sizes
}

function formatReport({ runs }: IngestReport): string {
  return formatTable(
    ['documents', 'documents/s', '× one by one', 'took (s)', ...latencyHead.map((name) => `search ${name} (ms)`)],
    runs.map(({ documents, kind, documentsPerSecond, durationMs, speedup, search }) => [
      `${count(documents)}, ${kind}`,
      short(documentsPerSecond),
      speedup === undefined ? '' : short(speedup),
      short(durationMs / 1000),
      ...latencyCells(search),
    ]),
  )
}
