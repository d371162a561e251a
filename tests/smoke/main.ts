/**
 * `npm run smoke:scylla [-- host:port] [--release 2026.2.5 …] [--nodetool 'docker exec NAME nodetool'] [--summary FILE]`: what only a real
 * ScyllaDB proves, one line each. Without an address it starts the releases below in Docker, one after the other.
 */
import { appendFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { markdownOf, type Report } from './report.ts'
import { runChecks } from './run.ts'
import { connectTo, startRelease, type Target } from './target.ts'

/** The last of each line that is supported: before tablets, tablets without conditional writes, with them, LTS, and newest. */
const RELEASES = ['5.4.9', '6.2.3', '2025.4.0', '2026.1.5', '2026.2.5']

const { values, positionals } = parseArgs({
  options: {
    release: { type: 'string', multiple: true },
    nodetool: { type: 'string' },
    summary: { type: 'string' },
  },
  allowPositionals: true,
})

const [address] = positionals
const starts: (() => Promise<Target>)[] =
  address === undefined
    ? (values.release ?? RELEASES).map((release) => () => startRelease(release))
    : [() => connectTo(address, values.nodetool)]

const reports: Report[] = []
for (const start of starts) {
  const target = await start()
  try {
    reports.push(await runChecks(target))
  } finally {
    await target.stop()
  }
}
if (values.summary !== undefined) await appendFile(values.summary, markdownOf(reports))
const failed = reports.flatMap(({ results }) => results.filter(({ state }) => state === 'FAIL'))
const count = reports.reduce((sum, { results }) => sum + results.length, 0)
process.stdout.write(`\n${count - failed.length} of ${count} did not fail\n`)
process.exitCode = failed.length > 0 ? 1 : 0
