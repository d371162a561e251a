/**
 * Puts and deletes documents in background mode until it is killed, and says what it began and what was acknowledged.
 * Arguments: the connection as JSON, the collection, the number of the round, a seed.
 */
import { createStore } from '@tandemstore/core'
import { randomFrom } from '../../src/random.ts'
import { type Connection, connect } from '../databases.ts'
import { say, wordedIndex } from './lines.ts'
import { slowEmbedder } from './slow-embedder.ts'

const [connection = '', collection = '', round = '', seed = ''] = process.argv.slice(2)
const random = randomFrom(Number(seed))
const below = (limit: number): number => Math.floor(random() * limit)
const namespaces = [['users', '1'], ['users', '10'], ['docs']]

const store = await createStore({
  collection,
  ...connect(JSON.parse(connection) as Connection),
  embedder: slowEmbedder(random),
  index: wordedIndex,
  sync: 'background',
  leaseMs: 1000,
})
say({ opened: true })

/** Works on keys of its own, one write at a time, so that the last acknowledged one of a key is known. */
async function work(worker: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const namespace = namespaces[below(namespaces.length)] as string[]
    const key = `${worker}-${below(8)}`
    const name = JSON.stringify([...namespace, key])
    const title = random() < 0.2 ? undefined : `round${round} number${n} worker${worker} ${random() < 0.5 ? key : n}`
    say({ name, begun: n, title })
    const { version } =
      title === undefined
        ? await store.delete(namespace, key)
        : await store.put(namespace, key, { title, body: `the same body of ${key}` })
    say({ name, acknowledged: n, version })
  }
}

await Promise.all(Array.from({ length: 8 }, (_, worker) => work(worker)))
