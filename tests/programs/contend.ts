/**
 * Writes and deletes a few keys for some seconds, as another process does on the same file at the same time; then does as it is told.
 * Arguments: the SQLite file, a seed, how long to write in milliseconds.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { createStore } from '@tandemstore/core'
import { sqlite } from '@tandemstore/sqlite'
import { fakeEmbedder } from '@tandemstore/testkit'
import { randomFrom } from '../src/random.ts'
import { type Answer, type Command, collection, fields } from './contend-messages.ts'

const [path = '', seed = '1', writeMs = '1000'] = process.argv.slice(2)
const random = randomFrom(Number(seed))
const between = (low: number, high: number): number => low + Math.floor(random() * (high - low))
const store = await createStore({
  collection,
  ...sqlite({ path }),
  embedder: fakeEmbedder(),
  index: { fields },
  leaseMs: 2000,
})

function tell(answer: Answer): void {
  process.send?.(answer)
}

let writes = 0
async function work(until: number): Promise<void> {
  while (Date.now() < until) {
    const namespace = ['shared', String(between(0, 2))]
    const key = `k${between(0, 8)}`
    const title = `${seed} number ${writes}`
    const kind = random()
    writes += 1
    if (kind < 0.25) await store.delete(namespace, key)
    else if (kind < 0.27) await store.deleteNamespace(namespace)
    else if (kind < 0.35) await store.put(namespace, key, { title }, { index: false })
    else if (kind < 0.45) await store.put(namespace, key, { title, body: title }, { sync: 'wait' })
    else if (kind < 0.5) await store.put(namespace, key, { title }, { ifAbsent: true }).catch(passOver('CONFLICT'))
    else await store.put(namespace, key, { title, ...(random() < 0.5 ? { body: 'the same' } : {}) })
    if (random() < 0.2) await wait(between(0, 6))
  }
}

function passOver(code: string): (error: unknown) => void {
  return (error) => {
    if ((error as { code?: unknown }).code !== code) throw error
  }
}

async function answer(command: Command): Promise<Answer> {
  switch (command.do) {
    case 'write': {
      await Promise.all(Array.from({ length: 6 }, () => work(Date.now() + Number(writeMs))))
      return { done: 'write', writes }
    }
    case 'flush':
      await store.flush()
      return { done: 'flush' }
    case 'list':
      return { done: 'list', documents: JSON.stringify((await store.list([], { limit: 1000 })).items) }
    case 'close':
      await store.close()
      return { done: 'close' }
  }
}

process.on('message', (command: Command) => {
  answer(command).then(
    (result) => {
      tell(result)
      if (result.done === 'close') process.disconnect()
    },
    (error: unknown) => tell({ done: 'failed', message: String((error as Error).stack) }),
  )
})
tell({ done: 'open' })
