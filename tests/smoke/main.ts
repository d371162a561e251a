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
const states = reports.flatMap(({ results }) => results.map(({ state }) => state))
const count = (wanted: string): number => states.filter((state) => state === wanted).length
process.stdout.write(`\n${count('PASS')} passed, ${count('FAIL')} failed, ${count('SKIP')} skipped\n`)
process.exitCode = count('FAIL') > 0 ? 1 : 0
