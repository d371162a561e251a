import { once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { createDatabase, type Database } from '../src/database.js'
import { packWrites } from '../src/kv/packed-writes.js'
import type { FromWorker, ToWorker } from '../src/protocol.js'
import { startWorkerLoop } from '../src/worker-loop.js'
import { rowOf } from './support.js'

/**
 * The loop in this thread, on a database whose transactions begin with what `onBegin` does: as if it had waited for a
 * lock.
 */
function startLoop(onBegin: (send: (message: ToWorker) => void) => void) {
  const options = { path: ':memory:', synchronous: 'normal', busyTimeoutMs: 1000, maxBytes: 0 } as const
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port2.close())
  const send = (message: ToWorker): void => port2.postMessage(message)
  const real = createDatabase(options)
  real.connect()
  const database: Database = {
    ...real,
    transaction: (mode, body) =>
      real.transaction(mode, () => {
        if (mode === 'write') onBegin(send)
        return body()
      }),
  }
  startWorkerLoop(port1, options, database)
  const answer = async (): Promise<FromWorker> => (await once(port2, 'message'))[0]
  const keys = (): unknown[] =>
    real
      .prepare('SELECT CAST(key AS TEXT) AS key FROM document')
      .all()
      .map(({ key }) => key)
  return { send, answer, keys, database: real }
}

function put(id: number, key: string): ToWorker {
  const writes = packWrites([{ row: rowOf({ namespace: ['a'], key }, 1) }])
  return { type: 'request', id, name: 'kvPut', args: { collection: 1, writes, now: 0 } }
}

test('a write that was aborted before its transaction began is not made, and those beside it are', async () => {
  let begun = 0
  const loop = startLoop((send) => {
    begun += 1
    if (begun === 1) send({ type: 'abort', id: 1 })
  })
  loop.send(put(1, 'aborted'))
  loop.send(put(2, 'kept'))
  expect(await loop.answer()).toMatchObject({ id: 2, result: [{ status: 'written' }] })
  expect(loop.keys()).toEqual(['kept'])
})

test('a write that runs alone is not made either', async () => {
  let begun = 0
  const loop = startLoop((send) => {
    begun += 1
    // The first transaction fails, so that each of its writes runs alone.
    if (begun === 1) throw new Error('no')
    if (begun === 2) send({ type: 'abort', id: 1 })
  })
  loop.send(put(1, 'aborted'))
  loop.send(put(2, 'kept'))
  expect(await loop.answer()).toMatchObject({ id: 2, result: [{ status: 'written' }] })
  expect(loop.keys()).toEqual(['kept'])
})
