import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { createStore } from '@tandemstore/core'
import { sqlite } from '@tandemstore/sqlite'
import { fakeEmbedder } from '@tandemstore/testkit'
import { afterAll, expect, test } from 'vitest'
import { collection, fields, type IngestLine } from '../../programs/ingest-lines.ts'
import { temporaryDirectory } from '../../src/backends.ts'
import { randomFrom } from '../../src/random.ts'
import { actualPoints, expectedPoints, inOrder, openRaw } from '../../src/raw.ts'

const kills = Number(process.env.TANDEM_KILLS ?? 50)
const seed = Number(process.env.TANDEM_SEED ?? Date.now() & 0x7fffffff)
const together = 5
const random = randomFrom(seed)
const rounds = Array.from({ length: kills }, (_, at) => ({ seed: seed + at, killAfterMs: Math.floor(random() * 300) }))
const groups = Array.from({ length: Math.ceil(kills / together) }, (_, i) =>
  rounds.slice(i * together, (i + 1) * together),
)

/** What is known of one document from the lines of the program. */
interface Known {
  begun: number
  title: string | undefined
  acknowledged: { readonly n: number; readonly version: string; readonly title: string | undefined } | undefined
}

/** Starts the ingest, and kills it so many milliseconds after its first acknowledged write. */
async function ingestUntilKilled(
  path: string,
  round: { readonly seed: number; readonly killAfterMs: number },
): Promise<Map<string, Known>> {
  const program = join(import.meta.dirname, '../../programs/ingest.ts')
  const child = spawn(process.execPath, [program, path, String(round.seed)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = once(child, 'exit')
  let errors = ''
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString()
  })
  const known = new Map<string, Known>()
  let killing: Promise<void> | undefined
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as IngestLine
    let document = known.get(line.name)
    if (document === undefined) {
      document = { begun: -1, title: undefined, acknowledged: undefined }
      known.set(line.name, document)
    }
    if ('begun' in line) {
      document.begun = line.begun
      document.title = line.title
    } else {
      document.acknowledged = { n: line.acknowledged, version: line.version, title: document.title }
      // A random moment of the work, which is what is tested; nothing is awaited by it.
      killing ??= wait(round.killAfterMs).then(() => void child.kill('SIGKILL'))
    }
  }
  await killing
  expect(await exit, errors).toEqual([null, 'SIGKILL'])
  return known
}

let leftBehind = 0

async function survives(round: { readonly seed: number; readonly killAfterMs: number }): Promise<number> {
  const directory = await temporaryDirectory()
  const path = join(directory.path, 'store.db')
  const known = await ingestUntilKilled(path, round)
  const databases = sqlite({ path })
  const raw = await openRaw(databases, collection)
  leftBehind += (await raw.intents()).length
  const store = await createStore({
    collection,
    ...databases,
    embedder: fakeEmbedder(),
    index: { fields },
    leaseMs: 1000,
    // What a killed process had not given to SQLite never arrives.
    settleMs: 0,
  })
  await store.recover()

  expect(inOrder(actualPoints(await raw.points()))).toEqual(inOrder(expectedPoints(await raw.rows(), fields)))
  expect(await raw.intents()).toEqual([])
  expect(await store.verify()).toMatchObject({ missing: 0, stale: 0, orphaned: 0 })
  let found = 0
  for (const [name, { begun, title, acknowledged }] of known) {
    if (acknowledged === undefined) continue
    const labels = JSON.parse(name) as string[]
    const [namespace, key] = [labels.slice(0, -1), labels.at(-1) as string]
    const document = await store.get(namespace, key)
    // A write that had begun when the process was killed may have taken effect or not.
    const allowed = [acknowledged.title, ...(begun > acknowledged.n ? [title] : [])]
    expect(allowed, `${name} after the kill`).toContain(document?.value.title)
    if (document === undefined) continue
    expect(document.version >= acknowledged.version).toBe(true)
    const hits = await store.search(namespace, { query: document.value.title as string, limit: 3 })
    expect(hits.map((hit) => hit.document)).toContainEqual(document)
    expect(hits.filter(({ stale }) => stale)).toEqual([])
    found += 1
  }
  await store.close()
  await raw.close()
  await directory.remove()
  return found
}

test.each(groups.map((group, i) => ({ from: i * together + 1, group })))(
  'kill -9 in the middle of an ingest, from number $from on: every acknowledged document is found',
  async ({ group }) => {
    console.log(
      `TANDEM_SEED=${seed} TANDEM_KILLS=${kills}; killed after ${group.map((each) => `${each.killAfterMs} ms`).join(', ')}`,
    )
    const found = await Promise.all(group.map(survives))
    expect(Math.min(...found)).toBeGreaterThan(0)
  },
  120_000,
)

afterAll(() => {
  // Otherwise nothing would have been left to recovery, and nothing shown.
  expect(leftBehind).toBeGreaterThan(kills)
})
