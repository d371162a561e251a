import { join, resolve } from 'node:path'
import { StoreError } from '@tandemstore/core'
import { parseArguments, usage } from './arguments.ts'
import { answer, converse } from './ask.ts'
import { collect } from './collect.ts'
import { openCuts } from './cuts.ts'
import { chooseEmbedder } from './embedder.ts'
import { findInFolder, findInstalled } from './find-documents.ts'
import { ingest } from './ingest.ts'
import { listenForInterrupt } from './interrupt.ts'
import { countSearchable, database, databasePath, type Library, openLibrary, storedSections } from './library.ts'
import { planIngest } from './plan.ts'
import { reportFound, reportIngest, reportPlan, reportStopped, reportSummary } from './report.ts'
import { keepTally } from './tally.ts'
import { say } from './terminal.ts'
import { UserError } from './user-error.ts'

const root = resolve(import.meta.dirname, '..', '..', '..')

const questionsOfPackages = [
  'How do I mock an HTTP request in a test?',
  'How do I retry a failed operation with exponential backoff?',
  'How do I limit how much memory a cache uses?',
]
const questionsOfAnyFolder = [
  'What is this about?',
  'How do I get started?',
  'What can go wrong, and what do I do then?',
]

async function run(signal: AbortSignal): Promise<void> {
  const asked = parseArguments(process.argv.slice(2))
  if (asked.help) {
    process.stdout.write(usage)
    return
  }
  // npm runs scripts in the root of the package, and says where it was called.
  const from = (path: string) => resolve(process.env.INIT_CWD ?? process.cwd(), path)
  const folder = asked.dir === undefined ? undefined : from(asked.dir)
  const home = asked.data === undefined ? join(root, '.tandem') : from(asked.data)

  const [found, { embedder, name, why, better, limits }] = await Promise.all([
    folder === undefined ? findInstalled(join(root, 'node_modules')) : findInFolder(folder),
    chooseEmbedder(asked.embedder, root, signal),
  ])
  say(`Model: ${why}.`)
  if (better !== undefined) say(better)
  const { kv, vectors } = await database(databasePath(home, name, folder))
  await using cuts = await openCuts(kv)
  const collection = await collect(found.files, limits, cuts, signal)
  reportFound(found, collection, folder === undefined ? 'package' : 'folder')

  const library = await openLibrary({ kv, vectors }, embedder)
  let stopped: (() => void) | undefined
  try {
    const stored = await storedSections(library, signal)
    const plan = planIngest(collection, stored, await countSearchable(library, signal), asked.limit)
    reportPlan(plan)
    const tally = keepTally(library, plan)
    const elapsedMs = await ingest(library, plan, tally, signal)
    if (signal.aborted) {
      stopped = () => reportStopped(plan, tally)
    } else {
      reportIngest(plan, tally, elapsedMs)
      const standing = folder === undefined ? questionsOfPackages : questionsOfAnyFolder
      await ask(library, asked.question, standing, signal)
    }
  } finally {
    // After a Ctrl-C, what the model does not come to the end of is left to the next run.
    await library.close({ timeoutMs: signal.aborted ? 2000 : 30_000 })
    stopped?.()
  }
}

async function ask(
  library: Library,
  question: string | undefined,
  standing: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (question !== undefined) {
    await answer(library, question, 5, signal)
  } else {
    for (const each of standing) await answer(library, each, 3, signal)
  }
  await reportSummary(library)
  if (question === undefined && process.stdin.isTTY && process.stdout.isTTY) await converse(library, 5, signal)
}

function isAbort(error: unknown): boolean {
  return StoreError.isInstance(error)
    ? error.code === 'ABORTED'
    : error instanceof DOMException && error.name === 'AbortError'
}

/** The end of a reader such as `head` is no failure of this program. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const interrupt = listenForInterrupt()
try {
  await run(interrupt.signal)
} catch (error) {
  if (!isAbort(error)) {
    say(error instanceof Error ? error.message : String(error))
    process.exitCode = error instanceof UserError ? error.exitCode : 1
  }
}
if (interrupt.signal.aborted) process.exitCode = interrupt.exitCode()
