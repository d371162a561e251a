import { compareRefs } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { awkwardTexts, orderedTexts } from '../shared/texts.js'
import { type KVContext, listAll, putAll, refOf, rowOf } from './context.js'

export const listingChecks: readonly Check<KVContext>[] = [
  {
    name: 'list gives keys in the order of their UTF-8 bytes',
    async run({ collection, root, version }) {
      const rows = orderedTexts.map((key) => rowOf({ namespace: [root], key }, version()))
      await putAll(collection, [...rows].reverse())
      expect((await listAll(collection, [root])).map(({ key }) => key)).toEqual(orderedTexts)
      expect((await listAll(collection, [root], 3)).map(({ key }) => key)).toEqual(orderedTexts)
    },
  },
  {
    name: 'list gives namespaces label by label, a prefix before what it begins',
    async run({ collection, root, version }) {
      const namespaces = [
        [root],
        [root, '\u0001'],
        [root, 'a'],
        [root, 'a', '\u0001'],
        [root, 'a', 'z'],
        [root, 'a', 'z', 'a'],
        [root, 'a\u0001'],
        [root, 'a!'],
        [root, 'a/z'],
        [root, 'aa'],
        [root, '\ufb00'],
        [root, '\ufb00', 'a'],
        [root, '\u{1f600}'],
      ]
      const rows = namespaces.flatMap((namespace) => ['a', 'b'].map((key) => rowOf({ namespace, key }, version())))
      await putAll(collection, [...rows].reverse())
      expect((await listAll(collection, [root])).map(refOf)).toEqual(rows.map(refOf))
      expect((await listAll(collection, [root], 1)).map(refOf)).toEqual(rows.map(refOf))
    },
  },
  {
    name: 'list keeps to its prefix, label by label',
    async run({ collection, root, version }) {
      const rows = [
        [root, 'a'],
        [root, 'a', 'b'],
        [root, 'ab'],
        [root, 'a', 'bc'],
        [root, 'b', 'a'],
        [root, 'a/b'],
      ].map((namespace) => rowOf({ namespace, key: 'b' }, version()))
      await putAll(collection, rows)
      const under = async (...labels: string[]) =>
        (await listAll(collection, [root, ...labels])).map(({ namespace }) => namespace)
      expect(await under('a')).toEqual([
        [root, 'a'],
        [root, 'a', 'b'],
        [root, 'a', 'bc'],
      ])
      expect(await under('a', 'b')).toEqual([[root, 'a', 'b']])
      expect(await under('ab')).toEqual([[root, 'ab']])
      expect(await under('a/b')).toEqual([[root, 'a/b']])
      expect(await under('b', 'a', 'b')).toEqual([])
      expect(await under('c')).toEqual([])
      expect(await under()).toHaveLength(rows.length)
    },
  },
  {
    name: 'pages of any size give every row once',
    async run({ collection, root, version }) {
      const rows = awkwardTexts.flatMap((label) =>
        ['k', label].map((key) => rowOf({ namespace: [root, label, 'x'], key }, version())),
      )
      await putAll(collection, rows)
      const expected = rows.map(refOf).sort(compareRefs)
      for (const limit of [1, 2, 7, expected.length, expected.length + 1]) {
        expect((await listAll(collection, [root], limit)).map(refOf), `limit ${limit}`).toEqual(expected)
      }
    },
  },
  {
    name: 'a list goes on behind `after`, also when that row is gone or was never there',
    async run({ collection, root, version }) {
      const namespaces = [
        [root, 'a'],
        [root, 'a', 'b'],
        [root, 'b'],
      ]
      const rows = namespaces.flatMap((namespace) => ['1', '2', '3'].map((key) => rowOf({ namespace, key }, version())))
      await putAll(collection, rows)
      for (const [i, row] of rows.entries()) {
        const { rows: rest } = await collection.list({ prefix: [root], after: refOf(row), limit: 1 })
        // A page may be shorter than its limit, but what it gives comes next.
        if (rest.length > 0) expect(rest).toEqual([rows[i + 1]])
      }
      const gone = refOf(rows[4] as (typeof rows)[number])
      await collection.delete([{ ...gone, version: version() }])
      const behind = async (after: { namespace: string[]; key: string }) => {
        const found = []
        let next: Parameters<typeof collection.list>[0]['after'] = after
        while (next !== undefined) {
          const page: Awaited<ReturnType<typeof collection.list>> = await collection.list({
            prefix: [root],
            after: next,
            limit: 2,
          })
          found.push(...page.rows)
          next = page.next
        }
        return found
      }
      expect(await behind({ namespace: [...gone.namespace], key: gone.key })).toEqual(rows.slice(5))
      expect(await behind({ namespace: [root, 'a', 'a'], key: 'z' })).toEqual([rows[3], ...rows.slice(5)])
      expect(await behind({ namespace: [root, 'b'], key: '3' })).toEqual([])
    },
  },
  {
    name: 'what is written and deleted between two pages shifts no other row',
    async run({ collection, root, version }) {
      const rows = ['a', 'c', 'e', 'g'].map((key) => rowOf({ namespace: [root], key }, version()))
      await putAll(collection, rows)
      const seen: string[] = []
      let after: Parameters<typeof collection.list>[0]['after']
      for (let page = 0; page < 20; page += 1) {
        const { rows: found, next } = await collection.list({ prefix: [root], after, limit: 1 })
        seen.push(...found.map(({ key }) => key))
        if (next === undefined) break
        after = next
        if (found[0]?.key === 'c') {
          await collection.delete([{ namespace: [root], key: 'a', version: version() }])
          await collection.delete([{ namespace: [root], key: 'c', version: version() }])
          await putAll(
            collection,
            ['b', 'f'].map((key) => rowOf({ namespace: [root], key }, version())),
          )
        }
      }
      expect(seen).toEqual(['a', 'c', 'e', 'f', 'g'])
    },
  },
  {
    name: 'the prefix [] is everything, in order',
    async run({ fresh, version }) {
      const collection = await fresh()
      expect(await collection.list({ prefix: [], limit: 10 })).toEqual({ rows: [] })
      const rows = orderedTexts.flatMap((label) => [
        rowOf({ namespace: [label], key: 'k' }, version()),
        rowOf({ namespace: [label, 'sub'], key: 'k' }, version()),
      ])
      await putAll(collection, [...rows].reverse())
      expect((await listAll(collection, [])).map(refOf)).toEqual(rows.map(refOf))
      expect((await listAll(collection, [], 3)).map(refOf)).toEqual(rows.map(refOf))
    },
  },
]
