/**
 * Puts and deletes the same keys as others do, with random delays before its writes to either database; then flushes.
 * Arguments: the connection as JSON, the collection, how long (milliseconds), a seed. It flushes at the first line on stdin and closes at the
 * end of it.
 */
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { createStore } from '@tandemstore/core'
import { type Behaviour, script } from '@tandemstore/testkit'
import { randomFrom } from '../../src/random.ts'
import { type Connection, connect } from '../databases.ts'
import { fields, say } from './lines.ts'
import { slowEmbedder } from './slow-embedder.ts'

const [connection = '', collection = '', durationMs = '', seed = ''] = process.argv.slice(2)
const random = randomFrom(Number(seed))
const keys = 200
const workers = 10

/** Mostly a little late, sometimes so late that the others have written the same document many times meanwhile. */
const late: Behaviour = async ({ proceed }) => {
  await wait(random() < 0.1 ? random() * 800 : random() * 30)
  return proceed()
}

const databases = connect(JSON.parse(connection) as Connection)
const kv = script(databases.kv)
const vectors = script(databases.vectors)
const always = { times: Number.POSITIVE_INFINITY }
kv.on('put', late, always)
kv.on('delete', late, always)
vectors.on('replace', late, always)

const store = await createStore({
  collection,
  kv: kv.port,
  vectors: vectors.port,
  embedder: slowEmbedder(random),
  index: { fields },
  sync: 'background',
})

const written = { puts: 0, deletions: 0 }
const end = Date.now() + Number(durationMs)

async function work(worker: number): Promise<void> {
  for (let n = 0; Date.now() < end; n += 1) {
    const key = String(Math.floor(random() * keys))
    if (random() < 0.3) {
      await store.delete(['shared'], key)
      written.deletions += 1
    } else {
      const title = random() < 0.3 ? `the same title of ${key}` : `process${process.pid} worker${worker} number${n}`
      await store.put(['shared'], key, { title, ...(random() < 0.5 ? { body: `body of ${key}` } : {}) })
      written.puts += 1
    }
  }
}

await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
say({ written })
for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'flush') throw new Error(`Expected flush, not ${line}`)
  await store.flush()
  say({ flushed: { reprojected: (await store.stats()).index?.reprojected ?? 0 } })
}
await store.close()
