import type { DocumentRow } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { awkwardTexts } from '../shared/texts.js'
import { type KVContext, listAll, putAll, read, refOf, rowOf } from './context.js'

export const documentChecks: readonly Check<KVContext>[] = [
  {
    name: 'an empty input gives an empty result',
    async run({ collection }) {
      expect(await collection.get([])).toEqual([])
      expect(await collection.put([])).toEqual([])
      expect(await collection.delete([])).toEqual([])
      expect(await collection.touch([])).toEqual([])
      await collection.addIntents([])
      await collection.removeIntents([])
    },
  },
  {
    name: 'get gives the rows in the order of the input, undefined where there is none, and one asked for twice twice',
    async run({ collection, root, version }) {
      const [a, b, c] = ['a', 'b', 'c'].map((key) => rowOf({ namespace: [root, key], key }, version())) as [
        DocumentRow,
        DocumentRow,
        DocumentRow,
      ]
      await putAll(collection, [a, b, c])
      const none = { namespace: [root, 'a'], key: 'b' }
      expect(await collection.get([c, none, a, b, a].map(refOf))).toEqual([c, undefined, a, b, a])
    },
  },
  {
    name: 'a row comes back with everything that was put',
    async run({ collection, root, version }) {
      const later = Date.now() + 3_600_000
      const rows = [
        rowOf({ namespace: [root], key: 'plain' }, version()),
        rowOf({ namespace: [root], key: 'expiring' }, version(), { expiresAt: later + 123, ttlMs: 3_600_123 }),
        rowOf({ namespace: [root], key: 'times' }, version(), {
          createdAt: 1_600_000_000_001,
          updatedAt: 1_700_000_000_002,
        }),
        rowOf({ namespace: [root], key: 'unindexed' }, version(), { index: false }),
        rowOf({ namespace: [root], key: 'indexed' }, version(), { index: ['title', 'notes[*].text', 'a\\.b'] }),
        rowOf({ namespace: [root], key: 'no paths' }, version(), { index: [] }),
      ]
      await putAll(collection, rows)
      expect(await collection.get(rows.map(refOf))).toEqual(rows)
      expect(await listAll(collection, [root])).toEqual(expect.arrayContaining(rows))
    },
  },
  {
    name: 'a value is kept as the text it is',
    async run({ collection, root, version }) {
      const values = [
        '{}',
        '{ "spaced" :\n [ 1.0, 1e2, 12345678901234567890 ] }',
        '{"b":1,"a":2,"b":3}',
        `{"quotes":"'\\"\`","escaped":"\\u0041\\n","emoji":"\u{1f600}","accent":"e\u0301"}`,
        '{"__proto__":{"x":1}}',
      ]
      const rows = values.map((value, i) => rowOf({ namespace: [root], key: `k${i}` }, version(), { value }))
      await putAll(collection, rows)
      const found = await collection.get(rows.map(refOf))
      expect(found.map((row) => row?.value)).toEqual(values)
    },
  },
  {
    name: 'a newer put takes the place of the whole row',
    async run({ kv, collection, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const first = rowOf(ref, version(), {
        expiresAt: Date.now() + 60_000,
        ttlMs: 60_000,
        index: false,
        createdAt: 1000,
      })
      const second = rowOf(ref, version(), { createdAt: 2000 })
      await putAll(collection, [first])
      const [outcome] = await collection.put([{ row: second }])
      expect(outcome?.status).toBe('written')
      if (outcome?.status === 'written') expect(outcome.existed ?? true).toBe(true)
      expect(await read(collection, ref)).toEqual({
        ...second,
        createdAt: kv.capabilities.keepsCreatedAt ? 1000 : 2000,
      })
    },
  },
  {
    name: 'labels and keys are told apart character by character',
    async run({ collection, root, version }) {
      const asKeys = awkwardTexts.map((key) => rowOf({ namespace: [root, 'keys'], key }, version()))
      const asLabels = awkwardTexts.map((label) => rowOf({ namespace: [root, 'labels', label], key: label }, version()))
      await putAll(collection, [...asKeys, ...asLabels])
      for (const rows of [asKeys, asLabels]) expect(await collection.get(rows.map(refOf))).toEqual(rows)
      for (const row of asLabels) expect(await listAll(collection, row.namespace)).toEqual([row])
      const outcomes = await collection.delete([{ ...refOf(asKeys[0] as DocumentRow), version: version() }])
      expect(outcomes.map(({ status }) => status)).toEqual(['written'])
      expect(await collection.get(asKeys.map(refOf))).toEqual([undefined, ...asKeys.slice(1)])
    },
  },
  {
    name: 'where the namespace ends and the key begins is never in doubt',
    async run({ collection, root, version }) {
      const rows = [
        { namespace: [root, 'a'], key: 'b' },
        { namespace: [root, 'a', 'b'], key: 'b' },
        { namespace: [root, 'ab'], key: 'b' },
        { namespace: [root], key: 'ab' },
        { namespace: [root], key: 'a/b' },
        { namespace: [root, 'a/b'], key: 'b' },
        { namespace: [root, 'a'], key: 'a' },
      ].map((ref) => rowOf(ref, version()))
      await putAll(collection, rows)
      expect(await collection.get(rows.map(refOf))).toEqual(rows)
    },
  },
  {
    name: 'the longest names and the largest value are taken',
    async run({ kv, collection, root, version }) {
      const namespace = [root, ...Array.from({ length: 15 }, (_, i) => String.fromCharCode(0x4e00 + i).repeat(256))]
      const deep = rowOf({ namespace, key: '日'.repeat(1024) }, version())
      const large = rowOf({ namespace: [root], key: 'large' }, version(), { value: `{"v":"${'é'.repeat(499_996)}"}` })
      expect(Buffer.byteLength(large.value)).toBe(1_000_000)
      expect(kv.limits.maxBatchBytes).toBeGreaterThanOrEqual(1_000_000)
      await putAll(collection, [deep])
      await putAll(collection, [large])
      expect(await read(collection, deep)).toEqual(deep)
      expect((await read(collection, large))?.value === large.value).toBe(true)
    },
  },
  {
    name: 'a batch of the declared size is written and read, in order',
    async run({ kv, collection, root, version }) {
      const size = Math.min(kv.limits.maxBatchSize, 2000)
      const rows = Array.from({ length: size }, (_, i) =>
        rowOf({ namespace: [root, `n${i % 7}`], key: `k${i}` }, version(), { value: `{"i":${i}}` }),
      )
      const written = await collection.put(rows.map((row) => ({ row })))
      expect(written.map(({ status }) => status)).toEqual(rows.map(() => 'written'))
      const found = await collection.get(rows.map(refOf))
      expect(found.map((row) => row?.value)).toEqual(rows.map(({ value }) => value))
      const outcomes = await collection.delete(rows.map((row) => ({ ...refOf(row), version: version() })))
      expect(outcomes.map(({ status }) => status)).toEqual(rows.map(() => 'written'))
      expect(await listAll(collection, [root])).toEqual([])
    },
  },
  {
    name: 'a delete takes its row alone; deleting what is not there is written',
    async run({ collection, root, version }) {
      const rows = ['a', 'b', 'c'].map((key) => rowOf({ namespace: [root], key }, version()))
      await putAll(collection, rows)
      const outcomes = await collection.delete([
        { namespace: [root], key: 'none', version: version() },
        { namespace: [root], key: 'b', version: version() },
      ])
      expect(outcomes.map(({ status }) => status)).toEqual(['written', 'written'])
      const [none, b] = outcomes
      if (none?.status === 'written') expect(none.existed ?? false).toBe(false)
      if (b?.status === 'written') expect(b.existed ?? true).toBe(true)
      expect(await collection.get(rows.map(refOf))).toEqual([rows[0], undefined, rows[2]])
      expect((await listAll(collection, [root])).map(({ key }) => key)).toEqual(['a', 'c'])
    },
  },
]
