import type { KVCollection, Namespace } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { orderedTexts } from '../shared/texts.js'
import { type KVContext, putAll, rowOf } from './context.js'

async function namespacesOf(
  collection: KVCollection,
  query: { prefix: Namespace; maxDepth?: number; after?: Namespace; now?: number; limit: number },
): Promise<Namespace[]> {
  const all: Namespace[] = []
  let after = query.after
  for (let pages = 0; pages < 1000; pages += 1) {
    const page = await collection.namespaces({ now: Date.now(), ...query, after })
    expect(page.namespaces.length).toBeLessThanOrEqual(query.limit)
    all.push(...page.namespaces)
    if (page.next === undefined) return all
    after = page.next
  }
  return expect.fail('namespaces did not come to an end within 1,000 pages')
}

async function fill(collection: KVCollection, namespaces: readonly Namespace[], version: () => string): Promise<void> {
  await putAll(
    collection,
    namespaces.flatMap((namespace) => ['k1', 'k2'].map((key) => rowOf({ namespace, key }, version()))),
  )
}

export const namespaceChecks: readonly Check<KVContext>[] = [
  {
    name: 'namespaces gives each once, in order, by pages of any size',
    async run({ collection, root, version }) {
      const expected = [
        [root],
        [root, 'a'],
        [root, 'a', '\u{1f600}'],
        [root, 'a!'],
        [root, 'ab', 'c', 'd'],
        [root, 'b'],
        [root, '\uffef'],
        [root, '\u{10000}'],
      ]
      await fill(collection, [...expected].reverse(), version)
      for (const limit of [1, 3, 100]) {
        expect(await namespacesOf(collection, { prefix: [root], limit }), `limit ${limit}`).toEqual(expected)
      }
    },
  },
  {
    name: 'namespaces keeps to its prefix',
    async run({ collection, root, version }) {
      await fill(
        collection,
        [
          [root, 'a'],
          [root, 'a', 'b'],
          [root, 'ab'],
          [root, 'b', 'a'],
        ],
        version,
      )
      const under = (...labels: string[]) => namespacesOf(collection, { prefix: [root, ...labels], limit: 10 })
      expect(await under('a')).toEqual([
        [root, 'a'],
        [root, 'a', 'b'],
      ])
      expect(await under('b')).toEqual([[root, 'b', 'a']])
      expect(await under('c')).toEqual([])
      expect(await under('a', 'b', 'c')).toEqual([])
    },
  },
  {
    name: 'maxDepth cuts, and gives what falls together once',
    async run({ collection, root, version }) {
      await fill(
        collection,
        [
          [root],
          [root, 'a'],
          [root, 'a', 'x', '1'],
          [root, 'a', 'x', '2'],
          [root, 'a', 'y'],
          [root, 'b', 'x', '1'],
          [root, 'c'],
        ],
        version,
      )
      const expected = new Map([
        [1, [[root]]],
        [2, [[root], [root, 'a'], [root, 'b'], [root, 'c']]],
        [3, [[root], [root, 'a'], [root, 'a', 'x'], [root, 'a', 'y'], [root, 'b', 'x'], [root, 'c']]],
      ])
      for (const [maxDepth, namespaces] of expected) {
        for (const limit of [1, 2, 10]) {
          const found = await namespacesOf(collection, { prefix: [root], maxDepth, limit })
          expect(found, `maxDepth ${maxDepth}, limit ${limit}`).toEqual(namespaces)
        }
      }
      const under = await namespacesOf(collection, { prefix: [root, 'a'], maxDepth: 3, limit: 10 })
      expect(under).toEqual([
        [root, 'a'],
        [root, 'a', 'x'],
        [root, 'a', 'y'],
      ])
    },
  },
  {
    name: 'namespaces goes on behind `after`, and passes over all that a cut one begins',
    async run({ collection, root, version }) {
      await fill(
        collection,
        [
          [root, 'a', '1'],
          [root, 'a', '2'],
          [root, 'ab', '1'],
          [root, 'b', '1'],
        ],
        version,
      )
      const cut = await namespacesOf(collection, { prefix: [root], maxDepth: 2, after: [root, 'a'], limit: 10 })
      expect(cut).toEqual([
        [root, 'ab'],
        [root, 'b'],
      ])
      const whole = await namespacesOf(collection, { prefix: [root], after: [root, 'a', '1'], limit: 10 })
      expect(whole).toEqual([
        [root, 'a', '2'],
        [root, 'ab', '1'],
        [root, 'b', '1'],
      ])
      const never = await namespacesOf(collection, { prefix: [root], after: [root, 'aa'], limit: 10 })
      expect(never).toEqual([
        [root, 'ab', '1'],
        [root, 'b', '1'],
      ])
    },
  },
  {
    name: 'a namespace whose rows are all gone or expired is hidden, until a row comes again',
    async run({ collection, root, version }) {
      const expiresAt = Date.now() + 3_600_000
      const deleted = [root, 'deleted']
      const expiring = [root, 'expiring']
      const prefix = [root, 'prefix']
      const mixed = [root, 'mixed']
      await putAll(collection, [
        rowOf({ namespace: deleted, key: 'k' }, version()),
        rowOf({ namespace: expiring, key: 'k' }, version(), { expiresAt }),
        rowOf({ namespace: prefix, key: 'k' }, version()),
        rowOf({ namespace: mixed, key: 'a' }, version(), { expiresAt }),
        rowOf({ namespace: mixed, key: 'b' }, version()),
      ])
      await collection.delete([{ namespace: deleted, key: 'k', version: version() }])
      await collection.deletePrefix(prefix, version())
      const at = (now: number, limit: number) => namespacesOf(collection, { prefix: [root], now, limit })
      expect(await at(expiresAt - 1, 1)).toEqual([expiring, mixed])
      expect(await at(expiresAt, 1)).toEqual([mixed])
      expect(await at(expiresAt, 10)).toEqual([mixed])
      await putAll(collection, [rowOf({ namespace: deleted, key: 'k' }, version())])
      expect(await at(expiresAt, 10)).toEqual([deleted, mixed])
    },
  },
  {
    name: 'the prefix [] gives every namespace, and its roots with maxDepth 1',
    async run({ fresh, version }) {
      const collection = await fresh()
      expect(await collection.namespaces({ prefix: [], limit: 10, now: Date.now() })).toEqual({ namespaces: [] })
      const expected = orderedTexts.flatMap((label) => [[label], [label, 'sub']])
      await fill(collection, [...expected].reverse(), version)
      expect(await namespacesOf(collection, { prefix: [], limit: 7 })).toEqual(expected)
      const roots = orderedTexts.map((label) => [label])
      expect(await namespacesOf(collection, { prefix: [], maxDepth: 1, limit: 3 })).toEqual(roots)
    },
  },
]
