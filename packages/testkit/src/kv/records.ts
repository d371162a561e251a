import { isVersion, type Lease, type SpaceRecord } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import { type Check, versionSource } from '../shared/check.js'
import { positiveIntegers } from '../shared/expectations.js'
import { type KVContext, putAll, rowOf } from './context.js'

const space: SpaceRecord = {
  name: 'notes_0a1b',
  model: {
    provider: 'p',
    name: "it's/a:model",
    normalized: true,
    prefixes: { query: 'q: ' },
    options: { n: 1.5, deep: 'é' },
  },
  dimensions: 384,
  metric: 'cosine',
  complete: false,
  createdAt: 1_700_000_000_123,
}

export const recordChecks: readonly Check<KVContext>[] = [
  {
    name: 'the backend has a name, and limits that are whole numbers above zero',
    async run({ kv }) {
      expect(kv.name).toMatch(/./)
      expect(positiveIntegers(kv.limits)).toEqual(kv.limits)
    },
  },
  {
    name: 'a lease is written, renewed and removed by its writer alone, and told when it has run out',
    async run({ fresh }) {
      const collection = await fresh()
      expect(await collection.leases()).toEqual([])
      const [a, b] = [versionSource()().slice(17), versionSource()().slice(17)] as const
      const later = Date.now() + 60_000
      const sorted = async () =>
        [...(await collection.leases())].sort((x: Lease, y: Lease) => x.expiresAt - y.expiresAt)
      await collection.putLease({ writer: a, expiresAt: later })
      await collection.putLease({ writer: b, expiresAt: later + 1 })
      expect(await sorted()).toEqual([
        { writer: a, expiresAt: later },
        { writer: b, expiresAt: later + 1 },
      ])
      await collection.putLease({ writer: a, expiresAt: later + 5000 })
      expect(await sorted()).toEqual([
        { writer: b, expiresAt: later + 1 },
        { writer: a, expiresAt: later + 5000 },
      ])
      await collection.putLease({ writer: a, expiresAt: 0 })
      await collection.putLease({ writer: a, expiresAt: 0 })
      expect(await sorted()).toEqual([{ writer: b, expiresAt: later + 1 }])
      await collection.putLease({ writer: b, expiresAt: later, spaces: ['first', 'second'] })
      expect(await sorted()).toEqual([{ writer: b, expiresAt: later, spaces: ['first', 'second'] }])
      await collection.putLease({ writer: b, expiresAt: later + 1 })
      const over = Date.now() - 1
      await collection.putLease({ writer: a, expiresAt: over })
      expect(await sorted()).toEqual([
        { writer: a, expiresAt: over },
        { writer: b, expiresAt: later + 1 },
      ])
    },
  },
  {
    name: 'spaces are kept whole, overwritten by name and deleted',
    async run({ fresh }) {
      const collection = await fresh()
      expect(await collection.spaces()).toEqual([])
      const other: SpaceRecord = { ...space, name: 'notes_2c3d', model: {}, dimensions: 3, metric: 'dot' }
      await collection.putSpace(space)
      await collection.putSpace(other)
      const sorted = async () => [...(await collection.spaces())].sort((x, y) => (x.name < y.name ? -1 : 1))
      expect(await sorted()).toEqual([space, other])
      await collection.putSpace({ ...space, complete: true })
      expect(await sorted()).toEqual([{ ...space, complete: true }, other])
      await collection.deleteSpace(space.name)
      await collection.deleteSpace('never_there')
      expect(await sorted()).toEqual([other])
    },
  },
  {
    name: 'the clock tells a time near ours, and no version that is not at least what was written',
    async run({ collection, root, version }) {
      const row = rowOf({ namespace: [root], key: 'k' }, version())
      await putAll(collection, [row])
      const { now, latest } = await collection.clock()
      expect(Math.abs(now - Date.now())).toBeLessThan(60_000)
      if (latest === undefined) return
      expect(isVersion(latest)).toBe(true)
      expect(latest >= row.version).toBe(true)
    },
  },
  {
    name: 'ping resolves',
    async run({ collection }) {
      await collection.ping()
    },
  },
]
