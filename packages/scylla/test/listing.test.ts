import type { DocumentRef, KVCollection, Namespace } from '@tandemstore/core/adapter'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scylla } from '../src/index.js'
import { connectionTo, describeWithDatabase, makeKeyspace, type TestKeyspace } from './database.js'
import { rowOf, versionAt } from './rows.js'

describeWithDatabase('listing', () => {
  let database: TestKeyspace
  let collection: KVCollection
  beforeAll(async () => {
    database = await makeKeyspace()
    collection = await scylla({ ...connectionTo(), keyspace: database.keyspace, buckets: 2 }).open('notes')
  })
  afterAll(async () => {
    await collection?.close()
    await database?.drop()
  })

  const listAll = async (prefix: Namespace, limit: number) => {
    const keys: string[] = []
    let pages = 0
    let after: DocumentRef | undefined
    do {
      const page = await collection.list({ prefix, after, limit })
      keys.push(...page.rows.map(({ namespace, key }) => [...namespace, key].join('/')))
      after = page.next
      pages += 1
    } while (after !== undefined)
    return { keys, pages }
  }

  test('more empty namespaces than one call looks into hide nothing behind them', async () => {
    const count = 1200
    const all = Array.from({ length: count }, (_, i) => ['empty', String(i).padStart(4, '0')])
    const rows = all.map((namespace) => rowOf({ namespace, key: 'k' }, versionAt(0)))
    for (let i = 0; i < count; i += 400) await collection.put(rows.slice(i, i + 400).map((row) => ({ row })))
    const gone = rows.filter((_, i) => i % 400 !== 399)
    await collection.delete(gone.map(({ namespace, key }) => ({ namespace, key, version: versionAt(0) })))
    const left = ['empty/0399', 'empty/0799', 'empty/1199']
    expect((await listAll(['empty'], 100)).keys).toEqual(left.map((each) => `${each}/k`))

    const found: string[] = []
    let after: Namespace | undefined
    do {
      const page = await collection.namespaces({ prefix: ['empty'], after, limit: 10, now: Date.now() })
      found.push(...page.namespaces.map((namespace) => namespace.join('/')))
      after = page.next
    } while (after !== undefined)
    expect(found).toEqual(left)
    const cut = await collection.namespaces({ prefix: [], maxDepth: 1, limit: 10, now: Date.now() })
    expect(cut.namespaces).toEqual([['empty']])
  })

  test('small and large namespaces side by side come in order, whatever the page', async () => {
    const sizes = [1, 1, 1, 1, 90, 1, 2, 40, 1, 1, 1, 1, 1, 1, 1, 1, 30]
    const rows = sizes.flatMap((size, n) =>
      Array.from({ length: size }, (_, i) =>
        rowOf({ namespace: ['mixed', String(n).padStart(2, '0')], key: String(i).padStart(2, '0') }, versionAt(0)),
      ),
    )
    await collection.put(rows.map((row) => ({ row })))
    const expected = rows.map(({ namespace, key }) => [...namespace, key].join('/'))
    for (const limit of [1, 7, 50, 1000]) {
      const { keys, pages } = await listAll(['mixed'], limit)
      expect(keys, `limit ${limit}`).toEqual(expected)
      expect(pages).toBeLessThanOrEqual(Math.ceil(rows.length / limit) + sizes.length)
    }
  })
})
