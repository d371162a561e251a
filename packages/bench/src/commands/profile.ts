import { Command } from 'commander'
import { wholeNumber } from '../options.js'
import { runProfile } from '../profile/profile.js'
import { formatTimeline } from '../profile/timeline-text.js'
import type { ProfileReport } from '../result.js'
import { formatTable } from '../table.js'
import { latencyCells, latencyHead } from '../workload/columns.js'
import { runWorkload, type WorkloadFlags, withWorkloadOptions } from '../workload/command.js'
import { judgeSearches } from '../workload/verdict.js'

interface ProfileFlags extends WorkloadFlags {
  readonly documents: number
  readonly operations: number
}

export function profileCommand(): Command {
  const command = new Command('profile').description('Where the time of a put and of a search goes, phase by phase.')
  return withWorkloadOptions(command)
    .option('--documents <number>', 'documents in the store before', wholeNumber(0), 1000)
    .option('--operations <number>', 'puts, and as many searches', wholeNumber(1), 100)
    .action(async (flags: ProfileFlags) => {
      const { documents, operations, maxP95 } = flags
      const own = { documents, operations }
      const report = await runWorkload(flags, own, (workload) => runProfile({ ...workload, ...own }), formatReport)
      const searches = report.operations.filter(({ operation }) => operation === 'search')
      process.exitCode = judgeSearches(
        searches.map(({ latency }) => latency),
        maxP95,
      )
    })
}

function formatReport({ operations }: ProfileReport): string {
  return operations
    .map(({ operation, latency, phases, timeline }) => {
      const table = formatTable(
        [operation, 'share', ...latencyHead.map((name) => `${name} (ms)`)],
        [
          ...phases.map((each) => [each.phase, `${Math.round(each.share * 100)} %`, ...latencyCells(each.latency)]),
          ['whole', '', ...latencyCells(latency)],
        ],
      )
      return `${table}\n\nOne ${operation} of median length:\n${formatTimeline(timeline)}`
    })
    .join('\n\n')
}
