import type { Intent, KVCollection } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import { type Check, uniqueName } from '../shared/check.js'
import { expectAborted } from '../shared/expectations.js'
import { type KVContext, listAll, putAll, read, refOf, rowOf } from './context.js'

export const handleChecks: readonly Check<KVContext>[] = [
  {
    name: 'two handles of one collection, opened at the same time, see one another; closing one leaves the other',
    async run({ kv, version }) {
      const name = uniqueName('t')
      const [one, two] = (await Promise.all([kv.open(name), kv.open(name)])) as [KVCollection, KVCollection]
      try {
        const row = rowOf({ namespace: ['n'], key: 'k' }, version())
        await putAll(one, [row])
        expect(await read(two, row)).toEqual(row)
        const late = version()
        await two.deletePrefix(['n'], version())
        await one.put([{ row: rowOf(refOf(row), late) }])
        expect(await listAll(one, ['n'])).toEqual([])
        await one.close()
        const next = rowOf(refOf(row), version())
        await putAll(two, [next])
        expect(await read(two, row)).toEqual(next)
      } finally {
        await two.close()
      }
    },
  },
  {
    name: 'two collections have nothing in common',
    async run({ collection, fresh, root, version }) {
      const other = await fresh()
      const ref = { namespace: [root], key: 'k' }
      const [mine, theirs] = [rowOf(ref, version()), rowOf(ref, version())] as const
      const intent: Intent = { kind: 'document', ...ref, version: mine.version, space: root }
      await putAll(collection, [mine])
      expect(await listAll(other, [])).toEqual([])
      await putAll(other, [theirs])
      await collection.addIntents([intent])
      await collection.putLease({ writer: '0123456789ab', expiresAt: Date.now() + 60_000 })
      expect(await read(collection, ref)).toEqual(mine)
      expect(await other.listIntents({ space: root, limit: 10 })).toEqual({ intents: [] })
      expect(await other.leases()).toEqual([])
      await collection.putLease({ writer: '0123456789ab', expiresAt: 0 })
      await collection.deletePrefix([root], version())
      expect(await read(collection, ref)).toBeUndefined()
      expect(await read(other, ref)).toEqual(theirs)
    },
  },
  {
    name: 'what was closed is found again: rows, deletions, intents, spaces',
    async run({ kv, version }) {
      const name = uniqueName('t')
      const first = await kv.open(name)
      const row = rowOf({ namespace: ['n'], key: 'k' }, version(), { index: false, expiresAt: Date.now() + 60_000 })
      const late = [
        rowOf({ namespace: ['n'], key: 'deleted' }, version()),
        rowOf({ namespace: ['gone', 'a'], key: 'k' }, version()),
      ]
      const intent: Intent = { kind: 'prefix', namespace: ['gone'], key: '', version: version(), space: 'space' }
      const space = {
        name: 'space',
        model: { name: 'm' },
        dimensions: 2,
        metric: 'dot',
        complete: true,
        createdAt: 5,
      } as const
      await putAll(first, [row])
      await first.delete([{ namespace: ['n'], key: 'deleted', version: version() }])
      await first.deletePrefix(['gone'], version())
      await first.addIntents([intent])
      await first.putSpace(space)
      await first.close()

      const second = await kv.open(name)
      try {
        await second.put(late.map((each) => ({ row: each })))
        expect(await listAll(second, [])).toEqual([row])
        expect((await second.listIntents({ space: 'space', limit: 10 })).intents).toEqual([intent])
        expect(await second.spaces()).toEqual([space])
      } finally {
        await second.close()
      }
    },
  },
  {
    name: 'a signal that is aborted already rejects every call, and nothing is done',
    async run({ kv, collection, root, version }) {
      const kept = rowOf({ namespace: [root], key: 'kept' }, version(), { expiresAt: Date.now() + 60_000 })
      const put = rowOf({ namespace: [root], key: 'put' }, version())
      const intent: Intent = { kind: 'document', ...refOf(put), version: put.version, space: root }
      await putAll(collection, [kept])
      await expectAborted((signal) => kv.open(uniqueName('t'), { signal }))
      await expectAborted((signal) => collection.get([refOf(kept)], { signal }))
      await expectAborted((signal) => collection.put([{ row: put }], { signal }))
      await expectAborted((signal) => collection.delete([{ ...refOf(kept), version: version() }], { signal }))
      await expectAborted((signal) => collection.deletePrefix([root], version(), { signal }))
      await expectAborted((signal) =>
        collection.touch([{ ...refOf(kept), version: kept.version, expiresAt: Date.now() + 120_000 }], { signal }),
      )
      await expectAborted((signal) => collection.list({ prefix: [root], limit: 1 }, { signal }))
      await expectAborted((signal) => collection.namespaces({ prefix: [root], limit: 1, now: Date.now() }, { signal }))
      await expectAborted((signal) => collection.deleteExpired({ before: 0, limit: 1 }, { signal }))
      await expectAborted((signal) => collection.addIntents([intent], { signal }))
      await expectAborted((signal) => collection.removeIntents([intent], { signal }))
      await expectAborted((signal) => collection.listIntents({ space: root, limit: 1 }, { signal }))
      await expectAborted((signal) => collection.putLease({ writer: '0123456789ab', expiresAt: 1 }, { signal }))
      await expectAborted((signal) => collection.leases({ signal }))
      await expectAborted((signal) => collection.deleteSpace('none', { signal }))
      await expectAborted((signal) => collection.spaces({ signal }))
      await expectAborted((signal) => collection.clock({ signal }))
      await expectAborted((signal) => collection.ping({ signal }))
      expect(await listAll(collection, [root])).toEqual([kept])
      expect(await collection.listIntents({ space: root, limit: 1 })).toEqual({ intents: [] })
    },
  },
]
