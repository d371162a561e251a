import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { rejectionOf } from '../shared/expectations.js'
import { awkwardTexts } from '../shared/texts.js'
import {
  byId,
  documentOf,
  idOf,
  keysFound,
  pointOf,
  queryAll,
  recordOf,
  scanAll,
  store,
  type VectorContext,
  vectorOf,
} from './context.js'

const near = vectorOf(1, 0, 0, 0)
const far = vectorOf(0, 1, 0, 0)

export const replacingChecks: readonly Check<VectorContext>[] = [
  {
    name: 'an empty input gives an empty result',
    async run({ space }) {
      expect(await space.replace([])).toEqual([])
      expect(await space.get([])).toEqual([])
      expect(await space.vectors([])).toEqual([])
    },
  },
  {
    name: 'points come back as they were given, in the order of the ids, undefined where there is none',
    async run({ space, root, version }) {
      const refs = awkwardTexts.map((text) => ({ namespace: [root, text], key: text }))
      const documents = refs.map((ref, i) =>
        documentOf(
          ref,
          version(),
          [
            pointOf(ref, near, { field: 'notes[*].text', part: i, hash: `h${i}` }),
            pointOf(ref, far, { field: '$', part: 0 }),
          ],
          { fingerprint: `f${i}`, ...(i % 2 ? { expiresAt: 4_000_000_000_001 + i } : {}) },
        ),
      )
      await store(space, documents)
      const expected = documents.flatMap((document) => [recordOf(document, 0), recordOf(document, 1)])
      const ids = expected.map(({ id }) => id)
      const none = idOf({ namespace: [root], key: 'none' })
      const found = await space.get([...ids, none, ids[0] as string])
      expect(found).toEqual([...expected, undefined, expected[0]])
      for (const [i, ref] of refs.entries()) {
        const [match] = await queryAll(space, { prefix: ref.namespace })
        expect(match).toMatchObject({ ...ref, field: 'notes[*].text', part: i, version: documents[i]?.version })
      }
    },
  },
  {
    name: 'vectors come back in the order of the ids, undefined where there is none; the caller may change them',
    async run({ fresh, root, version }) {
      for (const metric of ['cosine', 'dot'] as const) {
        const { space } = await fresh({ metric })
        const given = [vectorOf(3, 4, 0, 0), vectorOf(0, 0, -0.25, 0.75), vectorOf(1, 2, 3, 4)]
        const refs = given.map((_, i) => ({ namespace: [root], key: `k${i}` }))
        await store(
          space,
          refs.map((ref, i) => documentOf(ref, version(), given[i] as Float32Array)),
        )
        const ids = refs.map((ref) => idOf(ref))
        const none = idOf({ namespace: [root], key: 'none' })
        for (let time = 0; time < 2; time += 1) {
          const found = await space.vectors([ids[2] as string, none, ids[0] as string, ids[1] as string])
          expect(found[1]).toBeUndefined()
          for (const [at, of] of [
            [0, 2],
            [2, 0],
            [3, 1],
          ] as const) {
            const vector = found[at] as Float32Array
            expect(vector).toBeInstanceOf(Float32Array)
            const [got, wanted] = [vector, given[of] as Float32Array].map((each) =>
              metric === 'cosine' ? normalized(each) : [...each],
            )
            for (const [i, value] of (got as number[]).entries()) expect(value).toBeCloseTo(wanted?.[i] as number, 6)
            vector.fill(0)
          }
        }
      }
    },
  },
  {
    name: 'a replacement is visible to queries when it resolves, and the old vector is gone',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      await store(space, [documentOf(ref, version(), near)])
      const [before] = await queryAll(space, { prefix: [root] })
      expect(before?.score).toBeCloseTo(1, 5)
      await store(space, [documentOf(ref, version(), far)])
      const [after] = await queryAll(space, { prefix: [root] })
      expect(after?.score).toBeCloseTo(0, 5)
    },
  },
  {
    name: 'points that are not given are deleted, of this document alone',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const others = ['K', 'k ', 'k%', '_']
        .map((key) => ({ namespace: [root], key }))
        .concat({ namespace: [root, 'k'], key: 'k' })
      const all = [0, 1, 2].map((part) => pointOf(ref, near, { part }))
      const kept = others.map((other) => documentOf(other, version(), near))
      await store(space, [documentOf(ref, version(), all), ...kept])
      const one = documentOf(ref, version(), [pointOf(ref, far, { part: 1 })])
      await store(space, [one])
      const left = kept.map((document) => recordOf(document))
      expect((await scanAll(space, [root])).sort(byId)).toEqual([recordOf(one), ...left].sort(byId))
      await store(space, [documentOf(ref, version(), [])])
      expect((await scanAll(space, [root])).sort(byId)).toEqual(left.sort(byId))
      expect(await space.get(all.map(({ id }) => id))).toEqual([undefined, undefined, undefined])
    },
  },
  {
    name: 'no points for a document that has none is done',
    async run({ space, root, version }) {
      await store(space, [documentOf({ namespace: [root], key: 'k' }, version(), [])])
      expect(await scanAll(space, [root])).toEqual([])
    },
  },
  {
    name: 'a batch of the declared size is taken',
    async run({ index, space, root, version }) {
      const size = Math.min(index.limits.maxBatchSize, 1000)
      const documents = Array.from({ length: size }, (_, i) =>
        documentOf({ namespace: [root], key: `k${i}` }, version(), vectorOf(1, i / size, 0, 0)),
      )
      expect(await space.replace(documents)).toEqual(documents.map(() => 'done'))
      const found = await space.get(documents.map(({ points }) => points[0]?.id as string))
      expect(found).toEqual(documents.map((document) => recordOf(document)))
      await store(
        space,
        documents.map((document) => documentOf(document, version(), [])),
      )
      expect(await scanAll(space, [root])).toEqual([])
    },
  },
  {
    name: 'a batch with a bad vector is refused; what it left is whole, and sending the rest again mends it',
    async run({ space, root, version }) {
      const refs = ['a', 'bad', 'c'].map((key) => ({ namespace: [root], key }))
      const documents = refs.map((ref) => documentOf(ref, version(), ref.key === 'bad' ? vectorOf(1, 0, 0) : near))
      await rejectionOf(() => space.replace(documents))
      const [a, bad, c] = await space.get(documents.map(({ points }) => points[0]?.id as string))
      expect(bad).toBeUndefined()
      if (a !== undefined) expect(a).toEqual(recordOf(documents[0] as (typeof documents)[number]))
      if (c !== undefined) expect(c).toEqual(recordOf(documents[2] as (typeof documents)[number]))
      await store(
        space,
        documents.filter(({ key }) => key !== 'bad'),
      )
      expect(await keysFound(space, { prefix: [root] })).toEqual(['a', 'c'])
    },
  },
  {
    name: 'no value of a document gets in the way of what the index keeps of it',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const values = Object.create(null)
      const names =
        'id vector namespace ns prefix prefixes key field part version writer micros hash fingerprint expiresAt expires_at expiry values payload'
      for (const name of [
        ...names.split(' '),
        '__proto__',
        'constructor',
        'toString',
        'a\\.b',
        "it's",
        '"',
        '$',
        'é',
        'x'.repeat(300),
      ]) {
        values[name] = { strings: ['other'], numbers: [1], booleans: [true] }
      }
      const document = documentOf(ref, version(), near, { values, expiresAt: 4_000_000_000_000 })
      await store(space, [document])
      expect(await scanAll(space, [root])).toEqual([recordOf(document)])
      for (const path of ['version', 'namespace', 'expiresAt', 'a\\.b', "it's", 'x'.repeat(300)]) {
        const holds = (value: string | number | boolean) =>
          keysFound(space, { prefix: [root], filter: { op: 'in', path, values: [value] } })
        expect([await holds('other'), await holds(1), await holds(true), await holds('true')], path).toEqual([
          ['k'],
          ['k'],
          ['k'],
          [],
        ])
      }
      await store(space, [documentOf(ref, version(), far, { values })])
      expect(await scanAll(space, [root])).toHaveLength(1)
    },
  },
]

function normalized(vector: Float32Array): number[] {
  const length = Math.hypot(...vector)
  return [...vector].map((each) => each / length)
}
