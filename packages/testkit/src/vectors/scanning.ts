import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { awkwardTexts } from '../shared/texts.js'
import { byId, documentOf, pointOf, recordOf, scanAll, store, type VectorContext, vectorOf } from './context.js'

const near = vectorOf(1, 0, 0, 0)

export const scanningChecks: readonly Check<VectorContext>[] = [
  {
    name: 'scan gives every point once, by pages of any size, expired ones too',
    async run({ space, root, version }) {
      const documents = awkwardTexts.slice(0, 12).map((text, i) => {
        const ref = { namespace: [root, text], key: text }
        const points = Array.from({ length: (i % 3) + 1 }, (_, part) => pointOf(ref, near, { part }))
        return documentOf(ref, version(), points, i % 2 ? { expiresAt: 1000 } : {})
      })
      await store(space, documents)
      const expected = documents
        .flatMap((document) => document.points.map((_, at) => recordOf(document, at)))
        .sort(byId)
      for (const limit of [1, 2, 5, expected.length, expected.length + 1]) {
        expect((await scanAll(space, [root], limit)).sort(byId), `limit ${limit}`).toEqual(expected)
      }
    },
  },
  {
    name: 'scan keeps to its prefix, label by label',
    async run({ space, root, version }) {
      const namespaces = [
        [root, 'a'],
        [root, 'a', 'b'],
        [root, 'ab'],
        [root, 'b', 'a'],
        [root, 'a/b'],
        [root, 'a%'],
      ]
      await store(
        space,
        namespaces.map((namespace) => documentOf({ namespace, key: 'a' }, version(), near)),
      )
      const under = async (...labels: string[]) =>
        (await scanAll(space, [root, ...labels], 2)).map(({ namespace }) => namespace.slice(1).join('|')).sort()
      expect(await under('a')).toEqual(['a', 'a|b'])
      expect(await under('a', 'b')).toEqual(['a|b'])
      expect(await under('a%')).toEqual(['a%'])
      expect(await under('c')).toEqual([])
      expect(await under()).toHaveLength(namespaces.length)
    },
  },
  {
    name: 'points deleted between two pages hide no other one',
    async run({ space, root, version }) {
      const documents = Array.from({ length: 9 }, (_, i) =>
        documentOf({ namespace: [root], key: `k${i}` }, version(), near),
      )
      await store(space, documents)
      const seen: string[] = []
      let cursor: string | undefined
      for (let page = 0; page < 100; page += 1) {
        const { points, cursor: next } = await space.scan({ prefix: [root], cursor, limit: 2 })
        seen.push(...points.map(({ key }) => key))
        await space.replace(points.map((point) => documentOf(point, version(), [])))
        if (next === undefined) break
        cursor = next
      }
      expect(seen.sort()).toEqual(documents.map(({ key }) => key).sort())
      expect(await scanAll(space, [root])).toEqual([])
    },
  },
  {
    name: 'the prefix [] is every point, and count says how many, at least roughly',
    async run({ fresh, version }) {
      const { space } = await fresh()
      expect(await space.scan({ prefix: [], limit: 10 })).toEqual({ points: [] })
      expect(await space.count()).toBe(0)
      const documents = Array.from({ length: 20 }, (_, i) =>
        documentOf({ namespace: [`n${i % 3}`], key: `k${i}` }, version(), near),
      )
      await store(space, documents)
      expect((await scanAll(space, [], 7)).sort(byId)).toEqual(
        documents.map((document) => recordOf(document)).sort(byId),
      )
      const count = await space.count()
      expect(count).toBeGreaterThanOrEqual(10)
      expect(count).toBeLessThanOrEqual(40)
    },
  },
]
