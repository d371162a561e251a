import { sqlite } from '@tandemstore/sqlite'
import { expect, onTestFinished, test, vi } from 'vitest'
import { rowOf, versionOf } from './support.js'

const hour = 3_600_000

test('deletions are remembered for three hours, and forgotten by deleteExpired', async () => {
  // Only Date: the calls go through a thread, and need their timers.
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const { kv } = sqlite({ path: ':memory:' })
  const collection = await kv.open('notes')
  const refs = [
    { namespace: ['a'], key: 'k' },
    { namespace: ['b', 'c'], key: 'k' },
    { namespace: ['d'], key: 'expired' },
  ]
  const late = async (): Promise<(string | undefined)[]> => {
    const outcomes = await collection.put(refs.map((ref) => ({ row: rowOf(ref, 1) })))
    return outcomes.map(({ status }) => status)
  }
  await collection.put([{ row: rowOf({ namespace: ['d'], key: 'expired' }, 5, { expiresAt: 500 }) }])
  await collection.delete([{ namespace: ['a'], key: 'k', version: versionOf(5) }])
  await collection.deletePrefix(['b'], versionOf(5))
  expect(await collection.deleteExpired({ before: Date.now(), limit: 10 })).toBe(1)

  for (const _ of ['at once', 'after three hours']) {
    expect(await late()).toEqual(['superseded', 'superseded', 'superseded'])
    await collection.deleteExpired({ before: Date.now(), limit: 10 })
    vi.setSystemTime(1_000_000 + 3 * hour)
  }
  vi.setSystemTime(1_000_000 + 3 * hour + 1)
  expect(await late()).toEqual(['superseded', 'superseded', 'superseded'])
  await collection.deleteExpired({ before: Date.now(), limit: 10 })
  expect(await late()).toEqual(['written', 'written', 'written'])
  await collection.close()
})
