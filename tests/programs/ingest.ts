/**
 * Writes and deletes documents until it is killed, and says on stdout what it began and what was acknowledged, one JSON line each.
 * Arguments: the SQLite file, a seed.
 */
import { writeSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { createStore } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import { fakeEmbedder } from '@tandemstore/testkit'
import { randomFrom } from '../src/random.ts'
import { collection, fields, type IngestLine, namespaces } from './ingest-lines.ts'

const [path = '', seed = '1'] = process.argv.slice(2)
const random = randomFrom(Number(seed))
const between = (low: number, high: number): number => low + Math.floor(random() * (high - low))

/** Takes a while, so that a kill meets every stage. */
function slow(embedder: Embedder): Embedder {
  return {
    ...embedder,
    embed: async (texts, options) => {
      await wait(between(0, 25))
      return embedder.embed(texts, options)
    },
  }
}

const store = await createStore({
  collection,
  ...sqlite({ path }),
  embedder: slow({ ...fakeEmbedder(), limits: { maxInputs: 8, maxConcurrency: 3 } }),
  index: { fields },
  leaseMs: 1000,
})

const pause = new Int32Array(new SharedArrayBuffer(4))

function say(line: IngestLine): void {
  // At once, so that a kill loses no acknowledgement; a pipe that is full for a moment is waited for.
  let rest = Buffer.from(`${JSON.stringify(line)}\n`)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(pause, 0, 0, 1)
    }
  }
}

/** Works on keys of its own, one write at a time, so that the last acknowledged one of a key is known. */
async function work(worker: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const namespace = namespaces[between(0, namespaces.length)] as string[]
    const key = `${worker}-${between(0, 6)}`
    const name = JSON.stringify([...namespace, key])
    const deletes = random() < 0.2
    const title = deletes ? undefined : `number${n} worker${worker} ${key} ${random() < 0.5 ? 'same' : `other${n}`}`
    say({ name, begun: n, title })
    const { version } = deletes
      ? await store.delete(namespace, key)
      : await store.put(
          namespace,
          key,
          { title: title as string, body: 'the same body' },
          random() < 0.1 ? { sync: 'wait' } : {},
        )
    say({ name, acknowledged: n, version })
    if (random() < 0.1) await wait(between(0, 10))
  }
}

await Promise.all(Array.from({ length: 8 }, (_, worker) => work(worker)))
