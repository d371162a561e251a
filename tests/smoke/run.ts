import { batches } from './checks/batches.ts'
import { conditionalWrites } from './checks/conditional-writes.ts'
import { deletions } from './checks/deletions.ts'
import { keyspaces } from './checks/keyspaces.ts'
import { latencies } from './checks/latencies.ts'
import { limits } from './checks/limits.ts'
import { opening } from './checks/opening.ts'
import { paging } from './checks/paging.ts'
import { wholeStore } from './checks/whole-store.ts'
import { type CheckResult, type Report, Skipped } from './report.ts'
import type { Check, Target } from './target.ts'

const checks: readonly Check[] = [
  ...keyspaces,
  ...opening,
  ...deletions,
  ...conditionalWrites,
  ...batches,
  ...paging,
  ...limits,
  ...latencies,
  ...wholeStore,
]

/** Runs every check, each in a keyspace of its own, and writes a line for each. */
export async function runChecks(target: Target): Promise<Report> {
  process.stdout.write(`\n${target.title}\n`)
  const results: CheckResult[] = []
  for (const check of checks) {
    const result = await runCheck(check, target)
    process.stdout.write(`${result.state} ${result.name}${result.detail === '' ? '' : `: ${result.detail}`}\n`)
    results.push(result)
  }
  return { title: target.title, results }
}

async function runCheck({ name, run }: Check, target: Target): Promise<CheckResult> {
  const keyspace = target.newKeyspace()
  try {
    return { name, state: 'PASS', detail: (await run(target, keyspace)) ?? '' }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { name, state: error instanceof Skipped ? 'SKIP' : 'FAIL', detail }
  } finally {
    // What is left behind is worth a line, and no reason to end here.
    await keyspace.drop().catch((error: unknown) => {
      process.stderr.write(`${keyspace.name} could not be dropped: ${String(error)}\n`)
    })
  }
}
