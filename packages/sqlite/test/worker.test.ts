import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { sqlite } from '@tandemstore/sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { documentOf, rowOf, storeError, temporaryFile, versionOf } from './support.js'

const definition = { name: 's', dimensions: 64, metric: 'cosine', filterable: {} } as const
const ref = { namespace: ['a'], key: 'k' }

/** The workers that are started from now on. */
function watchWorkers(): Worker[] {
  const started: Worker[] = []
  const add = (worker: Worker): void => {
    started.push(worker)
  }
  process.on('worker', add)
  onTestFinished(() => {
    process.off('worker', add)
  })
  return started
}

function manyDocuments(count: number) {
  const vector = Array.from({ length: definition.dimensions }, (_, i) => i + 1)
  return Array.from({ length: count }, (_, i) => documentOf({ namespace: ['n'], key: `k${i}` }, 1, [vector]))
}

/** Another connection, as of another process, that holds the lock for writing. */
function lock(path: string): { release(): void } {
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  let held = true
  const release = (): void => {
    if (held) other.close()
    held = false
  }
  onTestFinished(release)
  return { release }
}

describe('the thread', () => {
  test('is one for documents and vectors, begins with the first handle and ends with the last', async () => {
    const workers = watchWorkers()
    const { kv, vectors } = sqlite({ path: ':memory:' })
    expect(workers).toHaveLength(0)
    const [first, second, space] = await Promise.all([kv.open('one'), kv.open('two'), vectors.open(definition)])
    expect(workers).toHaveLength(1)
    const exit = once(workers[0] as Worker, 'exit')
    await first.put([{ row: rowOf(ref, 1) }])
    await first.close()
    await first.close()
    await space.close()
    expect(await second.get([ref])).toEqual([undefined])
    await second.close()
    await exit
    expect((await storeError(second.get([ref]))).code).toBe('CLOSED')

    const again = await kv.open('one')
    expect(workers).toHaveLength(2)
    expect(await again.get([ref]), 'what was in memory is gone').toEqual([undefined])
    await again.close()
  })

  test('closing and opening at the same time leaves a file as it was', async () => {
    const { kv } = sqlite({ path: await temporaryFile() })
    for (let round = 1; round < 10; round += 1) {
      const collection = await kv.open('notes')
      await collection.put([{ row: rowOf(ref, round) }])
      const [, next] = await Promise.all([collection.close(), kv.open('notes')])
      expect(await next.get([ref])).toMatchObject([{ value: `{"of":${round}}` }])
      await next.close()
    }
  })

  test('does the work: the event loop turns while it searches', async () => {
    const space = await sqlite({ path: ':memory:' }).vectors.open(definition)
    for (let i = 0; i < 5; i += 1) {
      await space.replace(
        manyDocuments(1000).map((each) => ({
          ...each,
          key: `${i} ${each.key}`,
          points: each.points.map((point) => ({ ...point, id: `${i} ${point.id}` })),
        })),
      )
    }
    const query = { vector: new Float32Array(64).fill(1), prefix: [], now: 0, limit: 10 }
    let searching = true
    const found = space.query(query).finally(() => {
      searching = false
    })
    let turns = 0
    while (searching) {
      await setImmediate()
      turns += 1
    }
    expect((await found).matches).toHaveLength(10)
    expect(turns).toBeGreaterThan(10)
    await space.close()
  })

  test('leaves the vectors of the caller as they are', async () => {
    const space = await sqlite({ path: ':memory:' }).vectors.open(definition)
    const [document] = manyDocuments(1)
    await space.replace(document ? [document] : [])
    expect(document?.points[0]?.vector).toHaveLength(64)
    await space.close()
  })

  test('that dies rejects what is pending and all that comes, and a new one is started by opening again', async () => {
    const workers = watchWorkers()
    const path = await temporaryFile()
    const { kv, vectors } = sqlite({ path })
    const collection = await kv.open('notes')
    const space = await vectors.open(definition)
    await collection.put([{ row: rowOf(ref, 1) }])
    const pending = [
      storeError(space.replace(manyDocuments(1000))),
      storeError(collection.put([{ row: rowOf(ref, 2) }])),
    ]
    const ended = workers[0]?.terminate()
    expect((await Promise.all(pending)).map(({ code }) => code)).toEqual(['INDEX_FAILED', 'KV_FAILED'])
    await ended
    const late = await storeError(collection.get([ref]))
    expect([late.code, late.retryable]).toEqual(['UNAVAILABLE', true])
    await collection.close()
    await space.close()

    const again = await kv.open('notes')
    expect(await again.get([ref])).toHaveLength(1)
    await again.close()
  })
})

/**
 * Transactions in the write-ahead log: the last frame of each says how large the database is
 * (https://www.sqlite.org/fileformat2.html#walformat).
 */
async function countCommits(path: string): Promise<number> {
  const log = await readFile(`${path}-wal`)
  const frameBytes = 24 + log.readUInt32BE(8)
  let commits = 0
  for (let at = 32; at < log.length; at += frameBytes) if (log.readUInt32BE(at + 4) > 0) commits += 1
  return commits
}

describe('writes that wait', () => {
  test('share transactions', async () => {
    const path = await temporaryFile()
    const { kv, vectors } = sqlite({ path })
    const collection = await kv.open('notes')
    const space = await vectors.open(definition)
    const before = await countCommits(path)
    const first = space.replace(manyDocuments(1000))
    const puts = Array.from({ length: 100 }, (_, i) =>
      collection.put([{ row: rowOf({ ...ref, key: `k${i}` }, i + 1) }]),
    )
    await Promise.all([first, ...puts])
    expect((await countCommits(path)) - before).toBeLessThan(30)
    await collection.close()
    await space.close()
  })

  test('do no harm to each other when one fails, and keep their order', async () => {
    const { kv, vectors } = sqlite({ path: ':memory:' })
    const collection = await kv.open('notes')
    const space = await vectors.open(definition)
    const order: string[] = []
    const note = async <T>(name: string, write: Promise<T>): Promise<T | unknown> => {
      const result = await write.catch((error: unknown) => error)
      order.push(name)
      return result
    }
    const wrong = documentOf({ namespace: ['n'], key: 'wrong' }, 1, [[1, 2, 3]])
    const results = await Promise.all([
      note('first', space.replace(manyDocuments(1000))),
      note('one', collection.put([{ row: rowOf(ref, 1) }])),
      note('wrong', space.replace([...manyDocuments(1), wrong])),
      note('two', collection.put([{ row: rowOf(ref, 2) }])),
      note(
        'three',
        collection.put([{ row: rowOf(ref, 3), condition: { kind: 'version', version: versionOf(2), now: 0 } }]),
      ),
    ])
    expect(order).toEqual(['first', 'one', 'wrong', 'two', 'three'])
    expect(results.slice(1)).toMatchObject([
      [{ status: 'written', existed: false }],
      { code: 'INVALID_ARGUMENT' },
      [{ status: 'written', existed: true }],
      [{ status: 'written', existed: true }],
    ])
    expect(await collection.get([ref])).toMatchObject([{ value: '{"of":3}' }])
    expect(await space.count()).toBe(1000)
    await collection.close()
    await space.close()
  })
})

describe('an abort', () => {
  test('takes back what has not begun', async () => {
    const { kv, vectors } = sqlite({ path: ':memory:' })
    const collection = await kv.open('notes')
    const space = await vectors.open(definition)
    const controller = new AbortController()
    const before = space.replace(manyDocuments(1000))
    const aborted = collection.put([{ row: rowOf(ref, 1) }], { signal: controller.signal })
    const after = collection.put([{ row: rowOf({ ...ref, key: 'other' }, 1) }])
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    await Promise.all([before, after])
    expect(await collection.get([ref])).toEqual([undefined])
    await collection.close()
    await space.close()
  })

  test('ends the wait for a lock, and the write is not done when the lock is free', async () => {
    const path = await temporaryFile()
    const collection = await sqlite({ path, busyTimeoutMs: 60_000 }).kv.open('notes')
    const { release } = lock(path)
    const controller = new AbortController()
    const aborted = collection.put([{ row: rowOf(ref, 1) }], { signal: controller.signal })
    const next = collection.put([{ row: rowOf({ ...ref, key: 'other' }, 1) }])
    // A reading does not wait for the lock, and its answer says that the thread has met it.
    expect(await collection.get([ref])).toEqual([undefined])
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    release()
    await next
    expect(await collection.get([ref, { ...ref, key: 'other' }])).toMatchObject([undefined, { key: 'other' }])
    await collection.close()
  })
})

describe('a locked database', () => {
  test('is waited for, while readings go on, and writes keep their order', async () => {
    const path = await temporaryFile()
    const collection = await sqlite({ path, busyTimeoutMs: 60_000 }).kv.open('notes')
    const { release } = lock(path)
    const order: number[] = []
    const writes = [1, 2, 3].map(async (micros) => {
      const [outcome] = await collection.put([{ row: rowOf(ref, micros) }])
      order.push(micros)
      return outcome
    })
    for (let i = 0; i < 5; i += 1) expect(await collection.get([ref])).toEqual([undefined])
    expect(order).toEqual([])
    release()
    const outcomes = await Promise.all(writes)
    expect(outcomes.map((each) => each?.status)).toEqual(['written', 'written', 'written'])
    expect(order).toEqual([1, 2, 3])
    await collection.close()
  })

  test('is UNAVAILABLE after busyTimeoutMs, and worth trying again', async () => {
    const path = await temporaryFile()
    const { kv, vectors } = sqlite({ path, busyTimeoutMs: 20 })
    const collection = await kv.open('notes')
    const space = await vectors.open(definition)
    const { release } = lock(path)
    for (const call of [
      () => collection.put([{ row: rowOf(ref, 1) }]),
      () => space.replace(manyDocuments(1)),
      () => kv.open('another'),
    ]) {
      const error = await storeError(call())
      expect([error.code, error.retryable]).toEqual(['UNAVAILABLE', true])
    }
    release()
    expect(await collection.put([{ row: rowOf(ref, 1) }])).toMatchObject([{ status: 'written' }])
    await collection.close()
    await space.close()
  })
})
