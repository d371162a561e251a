import { expect, test } from 'vitest'
import { sharedReads } from '../../src/indexing/shared-reads.ts'
import type { PointRecord } from '../../src/ports/vector-records.ts'

const limits = { maxBatchSize: 100, maxBatchBytes: 1e6, maxConcurrency: 4, maxQueryLimit: 100 }

const record = (id: string): PointRecord => ({
  id, namespace: ['n'], key: id, field: '$', part: 0, version: '1', hash: 'h', fingerprint: 'f',
}) // biome-ignore format: a row

test('what is asked for during a read shares the next one, and each gets its own', async () => {
  const calls: string[][] = []
  const first = Promise.withResolvers<void>()
  const get = async (ids: readonly string[]): Promise<(PointRecord | undefined)[]> => {
    calls.push([...ids])
    if (calls.length === 1) await first.promise
    return ids.map((id) => (id === 'gone' ? undefined : record(id)))
  }
  const reads = sharedReads({ get }, limits, { minBeside: 10 })
  const a = reads.get(['a'])
  await new Promise((resolve) => setImmediate(resolve))
  const others = [reads.get(['b', 'gone']), reads.get(['c'])]
  first.resolve()
  expect(await a).toEqual([record('a')])
  expect(await Promise.all(others)).toEqual([[record('b'), undefined], [record('c')]])
  expect(calls).toEqual([['a'], ['b', 'gone', 'c']])
})

test('a read that fails fails for all who share it, and not for those after it', async () => {
  const failure = new Error('down')
  let calls = 0
  const get = async (ids: readonly string[]): Promise<PointRecord[]> => {
    calls += 1
    if (calls === 1) throw failure
    return ids.map(record)
  }
  const reads = sharedReads({ get }, limits, { minBeside: 10 })
  const settled = await Promise.allSettled([reads.get(['a']), reads.get(['b'])])
  expect(settled).toEqual([
    { status: 'rejected', reason: failure },
    { status: 'rejected', reason: failure },
  ])
  expect(await reads.get(['c'])).toEqual([record('c')])
})
