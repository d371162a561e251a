import { deepEqual, equal, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createStore } from '@tandemstore/core'
import { fakeEmbedder } from '@tandemstore/testkit'
import { startQdrant } from '@tandemstore/testkit/services'
import { type Connection, connect, deleteEverything } from '../../faults/databases.ts'
import { fields, type WriterLine } from '../../faults/programs/lines.ts'
import { Skipped } from '../report.ts'
import type { Check } from '../target.ts'

const program = join(import.meta.dirname, '../../faults/programs/writer.ts')
const ACKNOWLEDGED = 200

/** Writes until so many writes were acknowledged, and is killed then. Gives the last acknowledged title of each document. */
async function writeUntilKilled(connection: Connection): Promise<Map<string, string | undefined>> {
  const child = spawn(process.execPath, [program, JSON.stringify(connection), 'smoke', '0', '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  const begun = new Map<string, string | undefined>()
  const kept = new Map<string, string | undefined>()
  let acknowledged = 0
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as WriterLine
    if ('opened' in line) continue
    if ('begun' in line) {
      begun.set(line.name, line.title)
      // Its outcome is open until it is acknowledged.
      kept.delete(line.name)
    } else {
      kept.set(line.name, begun.get(line.name))
      acknowledged += 1
      if (acknowledged === ACKNOWLEDGED) child.kill('SIGKILL')
    }
  }
  deepEqual(await exit, [null, 'SIGKILL'])
  return kept
}

export const wholeStore: readonly Check[] = [
  {
    name: 'a whole store with Qdrant: ingest, kill, recover, search, verify',
    async run({ contactPoint, localDataCenter }, { name }) {
      const qdrant = await startQdrant()
      if (qdrant === undefined) throw new Skipped('no Qdrant; stderr says why')
      const { url, apiKey } = qdrant
      const connection = { contactPoints: [contactPoint], localDataCenter, replicas: 1, name, qdrant: { url, apiKey } }
      try {
        const kept = await writeUntilKilled(connection)
        ok(kept.size > 0, 'nothing was acknowledged')
        const store = await createStore({
          collection: 'smoke',
          ...connect(connection),
          embedder: fakeEmbedder(),
          index: { fields },
        })
        try {
          await store.recover()
          for (const [label, title] of kept) {
            const labels = JSON.parse(label) as string[]
            const [namespace, key] = [labels.slice(0, -1), labels.at(-1) as string]
            equal((await store.get(namespace, key))?.value.title, title, `${label} after the kill`)
            if (title === undefined) continue
            const hits = await store.search(namespace, { query: title, limit: 5 })
            ok(
              hits.some(({ document }) => document.key === key),
              `${label} is not found by its title`,
            )
          }
          const { checked, missing, stale, orphaned } = await store.verify()
          deepEqual({ missing, stale, orphaned }, { missing: 0, stale: 0, orphaned: 0 })
          return `${ACKNOWLEDGED} writes acknowledged, ${checked} documents checked`
        } finally {
          await store.close()
        }
      } finally {
        await deleteEverything(connection)
        await qdrant.stop()
      }
    },
  },
]
