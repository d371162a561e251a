import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { awkwardTexts } from '../shared/texts.js'
import { documentOf, keysFound, nameOf, pointOf, queryAll, store, type VectorContext, vectorOf } from './context.js'

const near = vectorOf(1, 0, 0, 0)
const far = vectorOf(-1, 0.1, 0, 0)

export const queryingChecks: readonly Check<VectorContext>[] = [
  {
    name: 'a query keeps to its prefix, label by label',
    async run({ space, root, version }) {
      const namespaces = [
        [root, 'a'],
        [root, 'a', 'b'],
        [root, 'ab'],
        [root, 'b', 'a'],
        [root, 'a/b'],
        [root, 'a%'],
        [root],
      ]
      await store(
        space,
        namespaces.map((namespace) => documentOf({ namespace, key: 'a' }, version(), near)),
      )
      const under = async (...labels: string[]) =>
        (await queryAll(space, { prefix: [root, ...labels] }))
          .map(({ namespace }) => namespace.slice(1).join('|'))
          .sort()
      expect(await under('a')).toEqual(['a', 'a|b'])
      expect(await under('a', 'b')).toEqual(['a|b'])
      expect(await under('a%')).toEqual(['a%'])
      expect(await under('a/b')).toEqual(['a/b'])
      expect(await under('c')).toEqual([])
      expect(await under()).toHaveLength(namespaces.length)
    },
  },
  {
    name: 'every label is a prefix of its own',
    async run({ space, root, version }) {
      await store(
        space,
        awkwardTexts.map((label) => documentOf({ namespace: [root, label, 'x'], key: label }, version(), near)),
      )
      for (const label of awkwardTexts) expect(await keysFound(space, { prefix: [root, label] })).toEqual([label])
    },
  },
  {
    name: 'the prefix [] is everything',
    async run({ fresh, version }) {
      const { space } = await fresh()
      expect(await space.query({ vector: near, prefix: [], now: 0, limit: 5 })).toEqual({ matches: [], more: false })
      const labels = ['a', 'b', 'c']
      await store(
        space,
        labels.map((label) => documentOf({ namespace: [label], key: label }, version(), near)),
      )
      expect(await keysFound(space, { prefix: [] })).toEqual(labels)
    },
  },
  {
    name: 'what does not pass the prefix, the filter or the expiry takes no place of what does',
    async run({ space, root, version }) {
      const wanted = ['w1', 'w2', 'w3'].map((key) =>
        documentOf({ namespace: [root, 'mine'], key }, version(), far, {
          values: { lang: { strings: ['de'] }, other: { numbers: [7] } },
        }),
      )
      const crowd = Array.from({ length: 250 }, (_, i) => {
        const ref = { namespace: [root, i % 3 === 0 ? 'theirs' : 'mine'], key: `c${i}` }
        const values =
          i % 3 === 1
            ? { lang: { strings: ['en'] }, other: { numbers: [8] } }
            : { lang: { strings: ['de'] }, other: { numbers: [7] } }
        return documentOf(ref, version(), near, { values, ...(i % 3 === 2 ? { expiresAt: 1000 } : {}) })
      })
      await store(space, [...crowd, ...wanted])
      for (const filter of [
        { op: 'in', path: 'lang', values: ['de'] },
        { op: 'in', path: 'other', values: [7] },
      ] as const) {
        const { matches } = await space.query({ vector: near, prefix: [root, 'mine'], filter, now: 1000, limit: 3 })
        expect(matches.map(({ key }) => key).sort()).toEqual(['w1', 'w2', 'w3'])
      }
    },
  },
  {
    name: 'a point is found until the millisecond it expires at',
    async run({ space, root, version }) {
      const expiresAt = Date.now() + 3_600_000
      await store(space, [
        documentOf({ namespace: [root], key: 'expiring' }, version(), near, { expiresAt }),
        documentOf({ namespace: [root], key: 'lasting' }, version(), near),
      ])
      expect(await keysFound(space, { prefix: [root], now: expiresAt - 1 })).toEqual(['expiring', 'lasting'])
      expect(await keysFound(space, { prefix: [root], now: expiresAt })).toEqual(['lasting'])
      expect(await keysFound(space, { prefix: [root], now: expiresAt + 1 })).toEqual(['lasting'])
    },
  },
  {
    name: 'a document with many points is found once, by its best one, and takes one place of the limit',
    async run({ space, root, version }) {
      const crowd = { namespace: [root], key: 'crowd' }
      const points = Array.from({ length: 40 }, (_, i) =>
        pointOf(crowd, vectorOf(1, 0.3 - i * 0.0075, 0, 0), { field: i < 20 ? 'title' : 'body', part: i % 20 }),
      )
      const others = ['b', 'c'].map((key, i) =>
        documentOf({ namespace: [root], key }, version(), vectorOf(0, 0, 1, -i)),
      )
      await store(space, [documentOf(crowd, version(), points), ...others])
      const { matches } = await space.query({ vector: near, prefix: [root], now: 0, limit: 3 })
      expect(matches.map(({ key }) => key).sort()).toEqual(['b', 'c', 'crowd'])
      expect(matches[0]).toMatchObject({ key: 'crowd', field: 'body', part: 19 })
      expect((await queryAll(space, { prefix: [root], limit: 1 })).map(({ key }) => key)[0]).toBe('crowd')
    },
  },
  {
    name: 'documents of one key in two namespaces are two',
    async run({ space, root, version }) {
      const refs = [[root], [root, 'k'], [root, 'k', 'k']].map((namespace) => ({ namespace, key: 'k' }))
      await store(
        space,
        refs.map((ref) => documentOf(ref, version(), near)),
      )
      expect((await queryAll(space, { prefix: [root], limit: 1 })).map(nameOf).sort()).toEqual(refs.map(nameOf).sort())
    },
  },
  {
    name: '`more` with `exclude` leads to every document once, whatever the limit',
    async run({ space, root, version }) {
      const refs = Array.from({ length: 12 }, (_, i) => ({ namespace: [root, `n${i % 2}`], key: `k${i}` }))
      const documents = refs.map((ref, i) =>
        documentOf(
          ref,
          version(),
          [0, 1, 2].map((part) => pointOf(ref, vectorOf(1, i / 10, part / 10, 0), { part })),
        ),
      )
      await store(space, documents)
      const ordered = (await queryAll(space, { prefix: [root] })).map(({ key }) => key)
      expect([...ordered].sort()).toEqual(refs.map(({ key }) => key).sort())
      for (const limit of [1, 2, 5, 12, 13]) {
        const { more } = await space.query({ vector: near, prefix: [root], now: 0, limit })
        if (limit < refs.length) expect(more, `limit ${limit}`).toBe(true)
        const found = await queryAll(space, { prefix: [root], limit })
        expect(
          found.map(({ key }) => key),
          `limit ${limit}`,
        ).toEqual(ordered)
      }
    },
  },
  {
    name: 'exclude passes over exactly the documents given',
    async run({ space, root, version }) {
      const refs = awkwardTexts.map((text) => ({ namespace: [root, text], key: text }))
      await store(
        space,
        refs.map((ref) => documentOf(ref, version(), near)),
      )
      for (const excluded of [refs.slice(0, 1), refs.slice(5, 20), refs]) {
        const found = await queryAll(space, { prefix: [root], exclude: excluded })
        expect(found.map(nameOf).sort()).toEqual(
          refs
            .filter((ref) => !excluded.includes(ref))
            .map(nameOf)
            .sort(),
        )
      }
      const strangers = [
        { namespace: [root], key: 'a' },
        { namespace: [root, 'a'], key: 'A' },
      ]
      expect(await queryAll(space, { prefix: [root], exclude: strangers })).toHaveLength(refs.length)
    },
  },
  {
    name: 'more documents than one query may ask for can be excluded',
    async run({ index, space, root, version }) {
      const refs = ['a', 'b', 'c'].map((key) => ({ namespace: [root], key }))
      await store(
        space,
        refs.map((ref) => documentOf(ref, version(), near)),
      )
      const strangers = Array.from({ length: index.limits.maxQueryLimit + 100 }, (_, i) => ({
        namespace: [root, 'other'],
        key: `k${i}`,
      }))
      const exclude = [...refs.slice(0, 1), ...strangers, ...refs.slice(1, 2)]
      expect(await space.query({ vector: near, prefix: [root], now: 0, limit: 2, exclude })).toMatchObject({
        matches: [refs[2]],
        more: false,
      })
    },
  },
  {
    name: 'the declared limit of a query may be asked for',
    async run({ index, space, root, version }) {
      await store(space, [documentOf({ namespace: [root], key: 'k' }, version(), near)])
      const limit = index.limits.maxQueryLimit
      const { matches, more } = await space.query({ vector: near, prefix: [root], now: 0, limit })
      expect(matches.map(({ key }) => key)).toEqual(['k'])
      expect(more).toBe(false)
    },
  },
]
