import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { expectTooLate, type KVContext, putAll, read, refOf, rowOf } from './context.js'

const hour = 3_600_000

export const expiryChecks: readonly Check<KVContext>[] = [
  {
    name: 'touch moves an expiry later, and nothing else',
    async run({ collection, root, version }) {
      const expiresAt = Date.now() + hour
      const row = rowOf({ namespace: [root], key: 'k' }, version(), {
        expiresAt,
        ttlMs: hour,
        index: ['a'],
        createdAt: 1000,
      })
      await putAll(collection, [row])
      const later = { ...row, expiresAt: expiresAt + 1234 }
      expect(await collection.touch([{ ...refOf(row), version: row.version, expiresAt: expiresAt + 1234 }])).toEqual([
        later,
      ])
      expect(await read(collection, row)).toEqual(later)
      expect((await collection.list({ prefix: [root], limit: 10 })).rows).toEqual([later])
    },
  },
  {
    name: 'touch leaves what expires later or never, and gives undefined for another version',
    async run({ collection, root, version }) {
      const expiresAt = Date.now() + hour
      const later = rowOf({ namespace: [root], key: 'later' }, version(), { expiresAt })
      const never = rowOf({ namespace: [root], key: 'never' }, version())
      const moved = rowOf({ namespace: [root], key: 'moved' }, version(), { expiresAt })
      await putAll(collection, [later, never, moved])
      const touches = [
        { namespace: [root], key: 'none', version: version(), expiresAt: expiresAt + hour },
        { ...refOf(moved), version: later.version, expiresAt: expiresAt + hour },
        { ...refOf(never), version: never.version, expiresAt: expiresAt + hour },
        { ...refOf(later), version: later.version, expiresAt: expiresAt - 1 },
      ]
      expect(await collection.touch(touches)).toEqual([undefined, undefined, never, later])
      expect(await collection.get([moved, never, later].map(refOf))).toEqual([moved, never, later])
    },
  },
  {
    name: 'a row that was touched still gives way to a newer write',
    async run({ collection, root, version }) {
      const row = rowOf({ namespace: [root], key: 'k' }, version(), { expiresAt: Date.now() + hour })
      await putAll(collection, [row])
      await collection.touch([{ ...refOf(row), version: row.version, expiresAt: Date.now() + 2 * hour }])
      await collection.delete([{ ...refOf(row), version: version() }])
      expect(await read(collection, row)).toBeUndefined()
    },
  },
  {
    name: 'a row in the past is gone or given with its expiry, and a newer put takes its place',
    async run({ collection, root, version }) {
      const expired = rowOf({ namespace: [root], key: 'k' }, version(), {
        expiresAt: Date.now() - 5000,
        createdAt: 1000,
      })
      await putAll(collection, [expired])
      const found = await read(collection, expired)
      if (found !== undefined) expect(found).toEqual(expired)
      const next = rowOf(refOf(expired), version(), { createdAt: 2000 })
      await putAll(collection, [next])
      // What has expired is no live row, so that its creation does not live on.
      expect(await read(collection, expired)).toEqual(next)
    },
  },
  {
    name: 'deleteExpired takes what had expired by then, to the millisecond, and nothing else',
    async run({ kv, fresh, version }) {
      const collection = await fresh()
      const before = Date.now() + hour
      const rows = [before - 1, before, before + 1, undefined].map((expiresAt, i) =>
        rowOf({ namespace: ['n'], key: `k${i}` }, version(), { expiresAt }),
      )
      await putAll(collection, rows)
      const count = await collection.deleteExpired({ before, limit: 100 })
      const found = await collection.get(rows.map(refOf))
      expect(found.slice(2)).toEqual(rows.slice(2))
      // A database that clears up by its own clock has nothing to do yet.
      if (kv.capabilities.nativeExpiry && count === 0) return
      expect(count).toBe(2)
      expect(found.slice(0, 2)).toEqual([undefined, undefined])
    },
  },
  {
    name: 'deleteExpired keeps to its limit',
    async run({ kv, fresh, version }) {
      const collection = await fresh()
      const before = Date.now() - 1000
      const rows = Array.from({ length: 5 }, (_, i) =>
        rowOf({ namespace: ['n'], key: `k${i}` }, version(), { expiresAt: before }),
      )
      const kept = rowOf({ namespace: ['n'], key: 'kept' }, version())
      await putAll(collection, [...rows, kept])
      const counts: number[] = []
      for (let times = 0; times < 4; times += 1) counts.push(await collection.deleteExpired({ before, limit: 2 }))
      if (!kv.capabilities.nativeExpiry) {
        expect(counts).toEqual([2, 2, 1, 0])
        expect(await collection.get(rows.map(refOf))).toEqual(rows.map(() => undefined))
      }
      for (const count of counts) expect(count).toBeLessThanOrEqual(2)
      expect(await read(collection, kept)).toEqual(kept)
    },
  },
  {
    name: 'a put older than a row that was swept does not come up in its place',
    async run({ collection, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const late = rowOf(ref, version())
      const before = Date.now() - 1000
      await putAll(collection, [rowOf(ref, version(), { expiresAt: before })])
      await collection.deleteExpired({ before, limit: 1000 })
      const [outcome] = await collection.put([{ row: late }])
      expectTooLate(outcome, late.version)
      expect((await read(collection, ref))?.version).not.toBe(late.version)
    },
  },
  {
    name: 'deleteExpired does not forget deletions that are younger than declared',
    async run({ kv, collection, root, version }) {
      expect(kv.capabilities.deletionMemoryMs).toBeGreaterThan(60_000)
      const late = rowOf({ namespace: [root, 'a'], key: 'k' }, version())
      await collection.delete([{ ...refOf(late), version: version() }])
      const below = rowOf({ namespace: [root, 'b', 'c'], key: 'k' }, version())
      await collection.deletePrefix([root, 'b'], version())
      await collection.deleteExpired({ before: Date.now(), limit: 1000 })
      await collection.put([{ row: late }, { row: below }])
      expect(await collection.get([late, below].map(refOf))).toEqual([undefined, undefined])
    },
  },
]
