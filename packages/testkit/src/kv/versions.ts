import { formatVersion, versionMicros } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { expectTooLate, type KVContext, listAll, putAll, read, refOf, rowOf } from './context.js'

export const versionChecks: readonly Check<KVContext>[] = [
  {
    name: 'a put older than the row changes nothing',
    async run({ collection, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const older = rowOf(ref, version())
      const newer = rowOf(ref, version())
      await putAll(collection, [newer])
      const [outcome] = await collection.put([{ row: older }])
      expectTooLate(outcome, older.version)
      expect(await read(collection, ref)).toEqual(newer)
      expect(await listAll(collection, [root])).toEqual([newer])
    },
  },
  {
    name: 'a put older than the deletion changes nothing, a newer one is written',
    async run({ collection, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const [first, late, deletion, next] = [version(), version(), version(), version()] as const
      await putAll(collection, [rowOf(ref, first)])
      await collection.delete([{ ...ref, version: deletion }])
      const [outcome] = await collection.put([{ row: rowOf(ref, late) }])
      expectTooLate(outcome, late)
      expect(await read(collection, ref)).toBeUndefined()
      expect(await listAll(collection, [root])).toEqual([])
      await putAll(collection, [rowOf(ref, next)])
      expect((await read(collection, ref))?.version).toBe(next)
    },
  },
  {
    name: 'a deletion of what was never there still holds off an older put',
    async run({ collection, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const late = version()
      await collection.delete([{ ...ref, version: version() }])
      const [outcome] = await collection.put([{ row: rowOf(ref, late) }])
      expectTooLate(outcome, late)
      expect(await read(collection, ref)).toBeUndefined()
    },
  },
  {
    name: 'a late deletion does not make a newer deletion forgotten',
    async run({ collection, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const [lateDeletion, latePut, deletion] = [version(), version(), version()] as const
      await collection.delete([{ ...ref, version: deletion }])
      await collection.delete([{ ...ref, version: lateDeletion }])
      await collection.put([{ row: rowOf(ref, latePut) }])
      expect(await read(collection, ref)).toBeUndefined()
    },
  },
  {
    name: 'a deletion older than the row changes nothing; one of the same version deletes it',
    async run({ collection, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const older = version()
      const row = rowOf(ref, version())
      await putAll(collection, [row])
      const [outcome] = await collection.delete([{ ...ref, version: older }])
      expectTooLate(outcome, older)
      expect(await read(collection, ref)).toEqual(row)
      await collection.delete([{ ...ref, version: row.version }])
      expect(await read(collection, ref)).toBeUndefined()
    },
  },
  {
    name: 'the same version again counts as written',
    async run({ collection, root, version }) {
      const row = rowOf({ namespace: [root], key: 'k' }, version())
      await putAll(collection, [row])
      await putAll(collection, [row])
      expect(await read(collection, row)).toEqual(row)
      const deletion = { ...refOf(row), version: version() }
      for (let times = 0; times < 2; times += 1) {
        expect((await collection.delete([deletion])).map(({ status }) => status)).toEqual(['written'])
      }
      expect(await read(collection, row)).toBeUndefined()
    },
  },
  {
    name: 'of two puts in the same microsecond the higher writer stands, in either order',
    async run({ collection, root, version }) {
      const micros = versionMicros(version())
      const low = formatVersion(micros, '0123456789ab')
      const high = formatVersion(micros, 'fedcba987654')
      for (const [key, order] of [
        ['rising', [low, high]],
        ['falling', [high, low]],
      ] as const) {
        const ref = { namespace: [root], key }
        // The lower one has the greater value: where a database breaks ties by content, the version has to come first.
        for (const each of order) {
          await collection.put([{ row: rowOf(ref, each, { value: each === low ? '{"z":9}' : '{"a":1}' }) }])
        }
        expect(await read(collection, ref), key).toMatchObject({ version: high, value: '{"a":1}' })
      }
    },
  },
  {
    name: 'of many writes at the same time the highest version stands',
    async run({ collection, root, version }) {
      const put = { namespace: [root], key: 'put' }
      const deleted = { namespace: [root], key: 'deleted' }
      const rows = Array.from({ length: 12 }, () => [rowOf(put, version()), rowOf(deleted, version())] as const)
      const deletion = { ...deleted, version: version() }
      // Neither rising nor falling: 5 and 12 have no common divisor.
      const shuffled = rows.map((_, i) => rows[(i * 5) % 12] as (typeof rows)[number])
      await Promise.all([
        ...shuffled.slice(0, 6).map((pair) => collection.put(pair.map((row) => ({ row })))),
        collection.delete([deletion]),
        ...shuffled.slice(6).map((pair) => collection.put(pair.map((row) => ({ row })))),
      ])
      expect(await read(collection, put)).toMatchObject({ version: rows[11]?.[0].version, value: rows[11]?.[0].value })
      expect(await read(collection, deleted)).toBeUndefined()
    },
  },
  {
    name: 'two writes of one document in one batch end as the higher version, in either order',
    async run({ collection, root, version }) {
      const [low, high] = [version(), version()] as const
      const rising = { namespace: [root], key: 'rising' }
      const falling = { namespace: [root], key: 'falling' }
      const rows = [rowOf(rising, low), rowOf(falling, high), rowOf(rising, high), rowOf(falling, low)]
      const outcomes = await collection.put(rows.map((row) => ({ row })))
      expect(outcomes).toHaveLength(4)
      expect(await collection.get([rising, falling])).toEqual([rows[2], rows[1]])
      const [below, above] = [version(), version()] as const
      await collection.delete([
        { ...rising, version: above },
        { ...rising, version: below },
      ])
      const [outcome] = await collection.put([{ row: rowOf(rising, below) }])
      expectTooLate(outcome, below)
      expect(await read(collection, rising)).toBeUndefined()
    },
  },
  {
    name: 'one late write in a batch leaves the others as they are',
    async run({ collection, root, version }) {
      const refs = ['a', 'b', 'c'].map((key) => ({ namespace: [root], key }))
      const late = version()
      const kept = rowOf({ namespace: [root], key: 'b' }, version())
      await putAll(collection, [kept])
      const rows = refs.map((ref) => rowOf(ref, ref.key === 'b' ? late : version()))
      const outcomes = await collection.put(rows.map((row) => ({ row })))
      expect(outcomes).toHaveLength(3)
      expect([outcomes[0]?.status, outcomes[2]?.status]).toEqual(['written', 'written'])
      expectTooLate(outcomes[1], late)
      expect(await collection.get(refs)).toEqual([rows[0], kept, rows[2]])
    },
  },
]
