import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { createStore } from '@tandemstore/core'
import { fakeEmbedder } from '@tandemstore/testkit'
import { afterAll, expect, test } from 'vitest'
import { openRaw } from '../src/raw.ts'
import { expectInTandem } from './compare.ts'
import { connect, deleteEverything, newConnection } from './databases.ts'
import { fields, type RivalLine } from './programs/lines.ts'
import { tell } from './report.ts'
import { rivalryMs, seed } from './scale.ts'
import { describeWithServices } from './services.ts'

const collection = 'shared'
const program = join(import.meta.dirname, 'programs/rival.ts')

describeWithServices('three processes on the same keys', ({ cassandra, qdrant }) => {
  const connection = newConnection(cassandra, qdrant)
  const children: ChildProcessByStdio<Writable, Readable, null>[] = []
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL')
    await deleteEverything(connection)
  })

  /** A process that writes; what it says comes line by line. */
  function start(number: number): {
    readonly say: (line: string) => void
    next(): Promise<RivalLine>
    end(): Promise<void>
  } {
    const args = [program, JSON.stringify(connection), collection, String(rivalryMs), String(seed + number)]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    children.push(child)
    const exit = once(child, 'exit')
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    return {
      say: (line) => void child.stdin.write(`${line}\n`),
      async next() {
        const { value, done } = await lines.next()
        if (done) throw new Error('The process ended before it had said everything')
        return JSON.parse(value) as RivalLine
      },
      async end() {
        child.stdin.end()
        expect(await exit).toEqual([0, null])
      },
    }
  }

  test(`for ${rivalryMs / 1000} s: after flush in all of them the index equals the KV`, async ({ task }) => {
    // Makes the tables and the collection, so that three processes do not do it at once.
    const embedder = fakeEmbedder({ limits: { maxInputs: 8, maxConcurrency: 3 } })
    const first = await createStore({ collection, ...connect(connection), embedder, index: { fields } })
    const rivals = [1, 2, 3].map(start)
    const written = { puts: 0, deletions: 0 }
    for (const rival of rivals) {
      const line = await rival.next()
      if (!('written' in line)) throw new Error(`Unexpected ${JSON.stringify(line)}`)
      written.puts += line.written.puts
      written.deletions += line.written.deletions
    }
    for (const rival of rivals) rival.say('flush')
    let reprojected = 0
    for (const rival of rivals) {
      const line = await rival.next()
      if (!('flushed' in line)) throw new Error(`Unexpected ${JSON.stringify(line)}`)
      reprojected += line.flushed.reprojected
    }
    const raw = await openRaw(connect(connection), collection)
    const { rows } = await expectInTandem(raw, fields)
    expect(rows.length).toBeGreaterThan(0)
    expect(await raw.intents()).toEqual([])
    expect(await first.verify()).toEqual({ checked: rows.length, missing: 0, stale: 0, orphaned: 0, repaired: 0 })
    for (const rival of rivals) await rival.end()
    await first.close()
    await raw.close()
    expect(reprojected, 'no process met a write of another, so nothing was shown').toBeGreaterThan(0)
    tell(task, {
      seed,
      'puts and deletions by three processes': `${written.puts} and ${written.deletions}`,
      'documents left': rows.length,
      'times a document had moved on and was projected again': reprojected,
      asserted: 'no point missing, stale or orphaned',
    })
  })
})
