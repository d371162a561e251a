import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { createStore, type Document, type Store } from '@tandemstore/core'
import { fakeEmbedder } from '@tandemstore/testkit'
import { afterAll, expect, test } from 'vitest'
import { randomFrom } from '../src/random.ts'
import { openRaw } from '../src/raw.ts'
import { expectInTandem, expectOnlyUnseenIntents, expectWordsInTandem } from './compare.ts'
import { connect, deleteEverything, newConnection } from './databases.ts'
import { fields, type WriterLine, wordedIndex } from './programs/lines.ts'
import { tell } from './report.ts'
import { rounds, seed } from './scale.ts'
import { describeWithServices } from './services.ts'
import { inWindow } from './window.ts'

const collection = 'killed'
const program = join(import.meta.dirname, 'programs/writer.ts')

/** What is known of one document from what the program said, this round and before. */
interface Known {
  /** What the database held when this round began, if that is known: what was looked up after the last kill. */
  settled: Document | undefined
  acknowledged: { readonly n: number; readonly version: string; readonly title: string | undefined } | undefined
  begun: { readonly n: number; readonly title: string | undefined } | undefined
}

describeWithServices('kill -9 of the writing process', ({ cassandra, qdrant }) => {
  const connection = newConnection(cassandra, qdrant)
  afterAll(() => deleteEverything(connection))

  const known = new Map<string, Known>()
  const random = randomFrom(seed)

  /** Starts the writer, and kills it at a random moment after it opened its store. Gives how many writes it had acknowledged. */
  async function writeUntilKilled(round: number): Promise<number> {
    for (const document of known.values()) {
      document.acknowledged = undefined
      document.begun = undefined
    }
    const args = [program, JSON.stringify(connection), collection, String(round), String(seed + round)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    let acknowledged = 0
    let killing: Promise<void> | undefined
    for await (const text of createInterface({ input: child.stdout })) {
      const line = JSON.parse(text) as WriterLine
      if ('opened' in line) {
        // A random moment of the work is what is tested; nothing is awaited by it.
        killing = wait(random() * 1500).then(() => void child.kill('SIGKILL'))
        continue
      }
      let document = known.get(line.name)
      if (document === undefined) {
        document = { settled: undefined, acknowledged: undefined, begun: undefined }
        known.set(line.name, document)
      }
      if ('begun' in line) document.begun = { n: line.begun, title: line.title }
      else {
        document.acknowledged = { n: line.acknowledged, version: line.version, title: document.begun?.title }
        acknowledged += 1
      }
    }
    await killing
    expect(await exit).toEqual([null, 'SIGKILL'])
    return acknowledged
  }

  /** Expects a document to be as the program left it, and to be found, or not, accordingly. */
  async function check(store: Store, name: string, document: Known): Promise<void> {
    const { settled, acknowledged, begun } = document
    const labels = JSON.parse(name) as string[]
    const [namespace, key] = [labels.slice(0, -1), labels.at(-1) as string]
    const now = await store.get(namespace, key)
    document.settled = now
    // A write that had begun when the process was killed may have taken effect or not.
    const allowed = [
      acknowledged === undefined ? settled?.value.title : acknowledged.title,
      ...(begun !== undefined && begun.n > (acknowledged?.n ?? -1) ? [begun.title] : []),
    ]
    expect(allowed, `${name} after the kill`).toContain(now?.value.title)
    if (acknowledged !== undefined && now !== undefined)
      expect(now.version >= acknowledged.version, `${name} went back`).toBe(true)
    const query = (now ?? settled)?.value.title ?? acknowledged?.title ?? begun?.title
    if (query === undefined) return
    const hits = await store.search(namespace, { query: query as string, limit: 5 })
    const found = hits.filter((hit) => hit.document.key === key && hit.document.namespace.length === namespace.length)
    expect(
      found.map((hit) => hit.document),
      `${name} is searched for`,
    ).toEqual(now === undefined ? [] : [now])
    expect(found.filter(({ stale }) => stale)).toEqual([])
  }

  test(`${rounds} times: everything acknowledged is found by the next process`, async ({ task }) => {
    const raw = await openRaw(connect(connection), collection)
    const total = { acknowledged: 0, leftBehind: 0, recovered: 0, unseen: 0, checked: 0, words: 0 }
    for (let round = 0; round < rounds; round += 1) {
      total.acknowledged += await writeUntilKilled(round)
      total.leftBehind += (await raw.intents()).length - total.unseen
      const store = await createStore({
        collection,
        ...connect(connection),
        embedder: fakeEmbedder({ limits: { maxInputs: 8, maxConcurrency: 3 } }),
        index: wordedIndex,
        leaseMs: 1000,
      })
      total.recovered += (await store.recover()).projected
      const { rows } = await expectInTandem(raw, fields)
      total.words += await expectWordsInTandem(raw, rows)
      total.unseen = await expectOnlyUnseenIntents(raw)
      const result = await store.verify()
      expect(result).toMatchObject({ missing: 0, stale: 0, orphaned: 0 })
      total.checked += result.checked
      await inWindow([...known], 8, ([name, document]) => check(store, name, document))
      await store.close()
    }
    await raw.close()
    // Otherwise nothing was left to recovery, and nothing shown.
    expect(total.acknowledged).toBeGreaterThan(0)
    expect(total.leftBehind).toBeGreaterThan(0)
    tell(task, {
      seed,
      kills: rounds,
      'writes acknowledged before the kills': total.acknowledged,
      'intents that the kills left behind': total.leftBehind,
      'documents that recovery projected': total.recovered,
      'documents verified, over all rounds': total.checked,
      'words compared, over all rounds': total.words,
      'intents left, of writes that never reached the database': total.unseen,
      asserted: 'no acknowledged write lost, no point and no word missing, stale or orphaned',
    })
  })
})
