import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { awkwardTexts } from '../shared/texts.js'
import { expectTooLate, type KVContext, listAll, putAll, read, refOf, rowOf } from './context.js'

export const prefixChecks: readonly Check<KVContext>[] = [
  {
    name: 'deletePrefix deletes the namespace and those below it, and no sibling',
    async run({ collection, root, version }) {
      const gone = [
        [root, 'a'],
        [root, 'a', 'b'],
        [root, 'a', 'b', 'c'],
      ]
      const kept = [[root], [root, 'ab'], [root, 'b', 'a'], [root, 'A'], [root, 'a '], [root, 'a\u0001']]
      const row = (namespace: string[]) => rowOf({ namespace, key: 'a' }, version())
      const [goneRows, keptRows] = [gone.map(row), kept.map(row)]
      await putAll(collection, [...goneRows, ...keptRows])
      await collection.deletePrefix([root, 'a'], version())
      expect(await collection.get(goneRows.map(refOf))).toEqual(gone.map(() => undefined))
      expect(await collection.get(keptRows.map(refOf))).toEqual(keptRows)
      expect(await listAll(collection, [root, 'a'])).toEqual([])
      expect(await listAll(collection, [root])).toHaveLength(kept.length)
    },
  },
  {
    name: 'deletePrefix takes no label for a pattern',
    async run({ collection, root, version }) {
      let left = awkwardTexts.map((label) => rowOf({ namespace: [root, label, 'x'], key: 'k' }, version()))
      await putAll(collection, left)
      for (const label of ['a%', 'a_', 'a*', 'a?', 'a\\b', "'a'", 'a/b', 'a', 'e\u0301']) {
        await collection.deletePrefix([root, label], version())
        left = left.filter(({ namespace }) => namespace[1] !== label)
        const found = await listAll(collection, [root])
        expect(found.map(({ namespace }) => namespace[1]).sort()).toEqual(
          left.map(({ namespace }) => namespace[1]).sort(),
        )
      }
    },
  },
  {
    name: 'deletePrefix leaves what is above its version',
    async run({ collection, root, version }) {
      const below = rowOf({ namespace: [root, 'a'], key: 'below' }, version())
      const at = rowOf({ namespace: [root, 'a', 'b'], key: 'at' }, version())
      const above = rowOf({ namespace: [root, 'a', 'b'], key: 'above' }, version())
      await putAll(collection, [below, at, above])
      await collection.deletePrefix([root, 'a'], at.version)
      expect(await collection.get([below, at, above].map(refOf))).toEqual([undefined, undefined, above])
    },
  },
  {
    name: 'a put under a prefix that was deleted later changes nothing, a newer one is written',
    async run({ collection, root, version }) {
      const known = { namespace: [root, 'a', 'b'], key: 'known' }
      const unknown = { namespace: [root, 'a', 'never seen', 'deep'], key: 'k' }
      await putAll(collection, [rowOf(known, version())])
      const late = version()
      await collection.deletePrefix([root, 'a'], version())
      const outcomes = await collection.put([{ row: rowOf(known, late) }, { row: rowOf(unknown, late) }])
      for (const outcome of outcomes) expectTooLate(outcome, late)
      expect(await collection.get([known, unknown])).toEqual([undefined, undefined])
      expect(await listAll(collection, [root])).toEqual([])
      const next = [rowOf(known, version()), rowOf(unknown, version())]
      await putAll(collection, next)
      expect(await collection.get([known, unknown])).toEqual(next)
    },
  },
  {
    name: 'a late deletePrefix does not make a newer one forgotten',
    async run({ collection, root, version }) {
      const ref = { namespace: [root, 'a'], key: 'k' }
      await putAll(collection, [rowOf(ref, version())])
      const [lateDeletion, latePut, deletion] = [version(), version(), version()] as const
      await collection.deletePrefix([root, 'a'], deletion)
      await collection.deletePrefix([root, 'a'], lateDeletion)
      await collection.put([{ row: rowOf(ref, latePut) }])
      expect(await read(collection, ref)).toBeUndefined()
    },
  },
  {
    name: 'deletePrefix again, and under nothing, changes nothing',
    async run({ collection, root, version }) {
      const row = rowOf({ namespace: [root, 'b'], key: 'k' }, version())
      await putAll(collection, [row])
      const at = version()
      expect([0, undefined]).toContain(await collection.deletePrefix([root, 'none'], at))
      await collection.deletePrefix([root, 'none'], at)
      expect(await listAll(collection, [root])).toEqual([row])
    },
  },
]
