import type { DocumentRow } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { expect, test } from 'vitest'
import { versionSource } from '../src/shared/check.js'
import { documentOf, vectorOf } from '../src/vectors/context.js'

const version = versionSource()
const hour = 3_600_000

test('a deletion is remembered for three hours, and forgotten by the sweep after them', async () => {
  let now = 1_700_000_000_000
  const collection = await memoryKV({ now: () => now }).open('notes')
  const late = (namespace: string): DocumentRow => ({
    namespace: [namespace],
    key: 'k',
    value: '{}',
    version: early,
    createdAt: now,
    updatedAt: now,
  })
  const early = version()
  const statuses = async () =>
    (await collection.put([{ row: late('one') }, { row: late('all') }])).map(({ status }) => status)
  await collection.delete([{ namespace: ['one'], key: 'k', version: version() }])
  await collection.deletePrefix(['all'], version())
  now += 3 * hour
  await collection.deleteExpired({ before: now, limit: 10 })
  expect(await statuses()).toEqual(['superseded', 'superseded'])
  now += 1
  await collection.deleteExpired({ before: now, limit: 10 })
  expect(await statuses()).toEqual(['written', 'written'])
})

test('the injected clock decides which row is live', async () => {
  let now = 1_700_000_000_000
  const collection = await memoryKV({ now: () => now }).open('notes')
  const row = { namespace: ['n'], key: 'k', value: '{}', createdAt: 1, updatedAt: 1, expiresAt: now + 1 }
  await collection.put([{ row: { ...row, version: version() } }])
  expect(await collection.put([{ row: { ...row, version: version() } }])).toEqual([
    { status: 'written', existed: true },
  ])
  now += 1
  expect(await collection.put([{ row: { ...row, version: version() } }])).toEqual([
    { status: 'written', existed: false },
  ])
  expect(await collection.clock()).toMatchObject({ now })
})

test('a closed collection, and a closed or dropped space, is refused', async () => {
  const collection = await memoryKV().open('notes')
  await collection.close()
  await expect(collection.ping()).rejects.toMatchObject({ code: 'CLOSED' })

  const index = memoryIndex()
  const definition = { name: 's', dimensions: 2, metric: 'dot', filterable: {} } as const
  const [one, two] = [await index.open(definition), await index.open(definition)]
  await one.close()
  await expect(one.count()).rejects.toMatchObject({ code: 'CLOSED' })
  await two.drop()
  await expect(two.count()).rejects.toMatchObject({ code: 'CLOSED' })
})

test('of equal scores the order is that of namespace and key', async () => {
  const space = await memoryIndex().open({ name: 's', dimensions: 2, metric: 'cosine', filterable: {} })
  const refs = [
    { namespace: ['b'], key: 'a' },
    { namespace: ['a', 'z'], key: 'a' },
    { namespace: ['a'], key: '\u{1f600}' },
    { namespace: ['a'], key: '\uff00' },
  ]
  await space.replace(refs.map((ref) => documentOf(ref, version(), vectorOf(1, 1))))
  const { matches } = await space.query({ vector: vectorOf(1, 0), prefix: [], now: 0, limit: 3 })
  expect(matches.map(({ namespace, key }) => ({ namespace, key }))).toEqual([refs[3], refs[2], refs[1]])
})

test('a caller may change its vector afterwards', async () => {
  const space = await memoryIndex().open({ name: 's', dimensions: 2, metric: 'dot', filterable: {} })
  const vector = vectorOf(1, 0)
  await space.replace([documentOf({ namespace: ['n'], key: 'k' }, version(), vector)])
  vector.fill(9)
  const { matches } = await space.query({ vector: vectorOf(1, 0), prefix: [], now: 0, limit: 1 })
  expect(matches[0]?.score).toBe(1)
})
