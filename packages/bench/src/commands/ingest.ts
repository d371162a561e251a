import type { SyncMode } from '@tandemstore/core'
import { Command, InvalidArgumentError, Option } from 'commander'
import { runIngest } from '../ingest/ingest.js'
import { count, short } from '../numbers.js'
import { wholeNumber } from '../options.js'
import type { IngestReport, IngestRun } from '../result.js'
import { formatTable } from '../table.js'
import { latencyCells, latencyHead } from '../workload/columns.js'
import { runWorkload, type WorkloadFlags, withKeywordsOptions, withWorkloadOptions } from '../workload/command.js'
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
  return withKeywordsOptions(withWorkloadOptions(command))
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
        report.runs.flatMap(({ search, wordSearch }) => [search, ...Object.values(wordSearch ?? {})]),
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
  const nameOf = ({ documents, kind }: IngestRun): string => `${count(documents)}, ${kind}`
  const isApproximate = runs.some(({ recallAt10 }) => recallAt10 !== undefined)
  const whole = formatTable(
    [
      'documents',
      'documents/s',
      '× one by one',
      'took (s)',
      ...latencyHead.map((name) => `search ${name} (ms)`),
      ...(isApproximate ? ['recall@10'] : []),
    ],
    runs.map((run) => [
      nameOf(run),
      short(run.documentsPerSecond),
      run.speedup === undefined ? '' : short(run.speedup),
      short(run.durationMs / 1000),
      ...latencyCells(run.search),
      ...(isApproximate ? [run.recallAt10?.toFixed(4) ?? ''] : []),
    ]),
  )
  const searches = runs.flatMap((run) =>
    run.wordSearch === undefined
      ? []
      : Object.entries({ vector: run.search, ...run.wordSearch }).map(([mode, latency]) => [
          nameOf(run),
          mode,
          ...latencyCells(latency),
        ]),
  )
  if (searches.length === 0) return whole
  return `${whole}\n\n${formatTable(['documents', 'search', ...latencyHead.map((name) => `${name} (ms)`)], searches)}`
}
