import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { awkwardTexts } from '../shared/texts.js'
import {
  byId,
  documentOf,
  keysFound,
  pointOf,
  recordOf,
  scanAll,
  store,
  type VectorContext,
  vectorOf,
} from './context.js'

const near = vectorOf(1, 0, 0, 0)

export const deletingChecks: readonly Check<VectorContext>[] = [
  {
    name: 'deletePrefix deletes the points of the namespace and of those below it, and of no sibling',
    async run({ space, root, version }) {
      const document = (namespace: string[]) => documentOf({ namespace, key: 'a' }, version(), near)
      const gone = [
        [root, 'a'],
        [root, 'a', 'b'],
        [root, 'a', 'b', 'c'],
      ].map(document)
      const kept = [[root], [root, 'ab'], [root, 'b', 'a'], [root, 'A'], [root, 'a '], [root, 'a/b']].map(document)
      await store(space, [...gone, ...kept])
      await space.deletePrefix([root, 'a'], version())
      const left = kept.map((each) => recordOf(each)).sort(byId)
      expect((await scanAll(space, [root])).sort(byId)).toEqual(left)
      expect(await space.get(gone.map(({ points }) => points[0]?.id as string))).toEqual(gone.map(() => undefined))
      expect(await keysFound(space, { prefix: [root, 'a'] })).toEqual([])
      await space.deletePrefix([root, 'a'], version())
      expect((await scanAll(space, [root])).sort(byId)).toEqual(left)
    },
  },
  {
    name: 'deletePrefix takes no label for a pattern',
    async run({ space, root, version }) {
      const documents = awkwardTexts.map((label) =>
        documentOf({ namespace: [root, label, 'x'], key: label }, version(), near),
      )
      await store(space, documents)
      const labels = ['a%', 'a_', 'a*', 'a?', 'a\\b', "'a'", 'a/b', 'a', 'e\u0301']
      for (const label of labels) await space.deletePrefix([root, label], version())
      const left = awkwardTexts.filter((label) => !labels.includes(label)).sort()
      expect((await scanAll(space, [root])).map(({ key }) => key).sort()).toEqual(left)
    },
  },
  {
    name: 'deletePrefix leaves the points above its version',
    async run({ space, root, version }) {
      const refs = ['below', 'at', 'above'].map((key) => ({ namespace: [root, 'a'], key }))
      const documents = refs.map((ref) => documentOf(ref, version(), near))
      await store(space, documents)
      await space.deletePrefix([root], documents[1]?.version as string)
      expect((await scanAll(space, [root])).map(({ key }) => key)).toEqual(['above'])
    },
  },
  {
    name: 'deleteExpired deletes what expires at or before, to the millisecond, and nothing else',
    async run({ fresh, version }) {
      const { space } = await fresh()
      const before = Date.now() + 3_600_000
      const documents = [before - 1, before, before + 1, undefined].map((expiresAt, i) => {
        const ref = { namespace: ['n'], key: `k${i}` }
        return documentOf(
          ref,
          version(),
          [0, 1].map((part) => pointOf(ref, near, { part })),
          { expiresAt },
        )
      })
      await store(space, documents)
      const count = await space.deleteExpired(before)
      if (count !== undefined) expect(count).toBe(4)
      const left = documents.slice(2).flatMap((document) => [recordOf(document, 0), recordOf(document, 1)])
      expect((await scanAll(space, [])).sort(byId)).toEqual(left.sort(byId))
      const again = await space.deleteExpired(before)
      if (again !== undefined) expect(again).toBe(0)
      expect(await scanAll(space, [])).toHaveLength(4)
    },
  },
]
