import type { DocumentPoints } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import {
  byId,
  documentOf,
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

export const guardChecks: readonly Check<VectorContext>[] = [
  {
    name: 'an older document does not take the place of a newer one, nor delete it',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const older = version()
      const newer = documentOf(ref, version(), near, { values: { lang: { strings: ['new'] } } })
      await store(space, [newer])
      await store(space, [documentOf(ref, older, far, { values: { lang: { strings: ['old'] } }, expiresAt: 1000 })])
      expect(await scanAll(space, [root])).toEqual([recordOf(newer)])
      const filter = { op: 'in', path: 'lang', values: ['new'] } as const
      const [match] = await queryAll(space, { prefix: [root], filter })
      expect(match?.score).toBeCloseTo(1, 5)
      await store(space, [documentOf(ref, older, [])])
      expect(await scanAll(space, [root])).toEqual([recordOf(newer)])
    },
  },
  {
    name: 'the same version again takes its place',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const at = version()
      await store(space, [documentOf(ref, at, near, { fingerprint: 'one' })])
      const again = documentOf(ref, at, far, { fingerprint: 'two' })
      await store(space, [again])
      expect(await scanAll(space, [root])).toEqual([recordOf(again)])
      expect((await queryAll(space, { prefix: [root] }))[0]?.score).toBeCloseTo(0, 5)
      await store(space, [documentOf(ref, at, [])])
      expect(await scanAll(space, [root])).toEqual([])
    },
  },
  {
    name: 'in the same microsecond the higher writer stands',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const micros = version().slice(0, 16)
      const low = documentOf(ref, `${micros}-0123456789ab`, far)
      const high = documentOf(ref, `${micros}-fedcba987654`, near)
      await store(space, [high])
      await store(space, [low])
      await store(space, [documentOf(ref, low.version, [])])
      expect(await scanAll(space, [root])).toEqual([recordOf(high)])
      await store(space, [documentOf(ref, high.version, [])])
      await store(space, [low])
      await store(space, [high])
      expect(await scanAll(space, [root])).toEqual([recordOf(high)])
    },
  },
  {
    name: 'each point is guarded by its own version',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const [v1, v2, v3] = [version(), version(), version()] as const
      const [p0, p1] = [pointOf(ref, near, { part: 0 }), pointOf(ref, near, { part: 1 })] as const
      const newest = documentOf(ref, v3, [p1])
      await store(space, [newest])
      const oldest = documentOf(ref, v1, [p0, p1])
      await store(space, [oldest])
      expect((await scanAll(space, [root])).sort(byId)).toEqual([recordOf(oldest, 0), recordOf(newest)].sort(byId))
      const middle = documentOf(ref, v2, [p0])
      await store(space, [middle])
      expect((await scanAll(space, [root])).sort(byId)).toEqual([recordOf(middle), recordOf(newest)].sort(byId))
      await store(space, [documentOf(ref, v2, [])])
      expect(await scanAll(space, [root])).toEqual([recordOf(newest)])
    },
  },
  {
    name: 'a batch guards each document by itself',
    async run({ space, root, version }) {
      const refs = ['a', 'b', 'c'].map((key) => ({ namespace: [root], key }))
      const late = version()
      const kept = documentOf({ namespace: [root], key: 'b' }, version(), near)
      await store(space, [kept])
      const documents = refs.map((ref) => documentOf(ref, ref.key === 'b' ? late : version(), far))
      await store(space, documents)
      const expected = documents.map((document) => recordOf(document.key === 'b' ? kept : document))
      expect((await scanAll(space, [root])).sort(byId)).toEqual(expected.sort(byId))
    },
  },
  {
    name: 'of many replacements at the same time the highest version stands',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      await store(space, [documentOf(ref, version(), far)])
      const documents = Array.from({ length: 12 }, (_, i) => documentOf(ref, version(), i === 11 ? near : far))
      // Neither rising nor falling: 5 and 12 have no common divisor.
      await Promise.all(documents.map((_, i) => space.replace([documents[(i * 5) % 12] as DocumentPoints])))
      expect(await scanAll(space, [root])).toEqual([recordOf(documents[11] as DocumentPoints)])
      expect((await queryAll(space, { prefix: [root] }))[0]?.score).toBeCloseTo(1, 5)
    },
  },
  {
    name: 'points of exactly the version that `replaces` names give way, though it is higher',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const [lower, other, higher] = [version(), version(), version()] as const
      const stored = documentOf(ref, higher, [pointOf(ref, near, { part: 0 }), pointOf(ref, near, { part: 1 })])
      await store(space, [stored])
      await store(space, [documentOf(ref, lower, far, { replaces: other })])
      expect(await scanAll(space, [root])).toHaveLength(2)
      expect((await queryAll(space, { prefix: [root] }))[0]).toMatchObject({ version: higher })

      const back = documentOf(ref, lower, far, { replaces: higher })
      await store(space, [back])
      expect(await scanAll(space, [root])).toEqual([recordOf(back)])
      expect((await queryAll(space, { prefix: [root] }))[0]?.score).toBeCloseTo(0, 5)

      await store(space, [documentOf(ref, higher, near)])
      await store(space, [documentOf(ref, lower, [], { replaces: higher })])
      expect(await scanAll(space, [root])).toEqual([])
    },
  },
  {
    name: 'without its vector a point keeps the one that is stored, and takes the new values, expiry and version',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const first = documentOf(ref, version(), vectorOf(1, 1, 0, 0), {
        values: { lang: { strings: ['de'] }, only: { booleans: [true] } },
        expiresAt: 4_000_000_000_000,
        fingerprint: 'one',
      })
      await store(space, [first])
      const bare = [pointOf(ref)]
      const next = documentOf(ref, version(), bare, { values: { lang: { strings: ['en'] } }, fingerprint: 'two' })
      await store(space, [next])
      expect(await scanAll(space, [root])).toEqual([recordOf(next)])
      const where = (path: string, value: string | boolean) =>
        queryAll(space, { prefix: [root], filter: { op: 'in', path, values: [value] }, now: 4_000_000_000_001 })
      const [match] = await where('lang', 'en')
      expect(match).toMatchObject({ ...ref, version: next.version })
      expect(match?.score).toBeCloseTo(Math.SQRT1_2, 5)
      expect(await where('lang', 'de')).toEqual([])
      expect(await where('only', true)).toEqual([])
      const last = documentOf(ref, version(), bare, { expiresAt: 5000 })
      await store(space, [last])
      expect(await queryAll(space, { prefix: [root], now: 5000 })).toEqual([])
      expect(await queryAll(space, { prefix: [root], now: 4999 })).toHaveLength(1)
    },
  },
  {
    name: 'a point without its vector is `missing` when it is absent or of another text; the others of the batch are done',
    async run({ space, root, version }) {
      const [absent, other, same] = ['absent', 'other', 'same'].map((key) => ({ namespace: [root], key })) as [
        { namespace: string[]; key: string },
        { namespace: string[]; key: string },
        { namespace: string[]; key: string },
      ]
      await store(space, [documentOf(other, version(), near), documentOf(same, version(), near)])
      const documents = [
        documentOf(absent, version(), [pointOf(absent)]),
        documentOf(same, version(), [pointOf(same)]),
        documentOf(other, version(), [pointOf(other, undefined, { hash: 'hash of another text' })]),
      ]
      expect(await space.replace(documents)).toEqual(['missing', 'done', 'missing'])
      expect(await space.get([documents[0]?.points[0]?.id as string])).toEqual([undefined])
      expect(await space.get([documents[1]?.points[0]?.id as string])).toEqual([
        recordOf(documents[1] as DocumentPoints),
      ])

      const whole = documents.map((document) =>
        documentOf(
          document,
          document.version,
          document.points.map((point) => ({ ...point, vector: far })),
        ),
      )
      await store(space, whole)
      expect((await scanAll(space, [root])).sort(byId)).toEqual(whole.map((document) => recordOf(document)).sort(byId))
      expect(await keysFound(space, { prefix: [root], vector: far, minScore: 0.99 })).toEqual([
        'absent',
        'other',
        'same',
      ])
    },
  },
  {
    name: 'of several points one may keep its vector and another be new or gone',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const point = (part: number, vector?: Float32Array) => pointOf(ref, vector, { part, hash: `h${part}` })
      await store(space, [documentOf(ref, version(), [point(0, near), point(1, near)])])
      const next = documentOf(ref, version(), [point(0), point(2, far)])
      await store(space, [next])
      expect((await scanAll(space, [root])).sort(byId)).toEqual([recordOf(next, 0), recordOf(next, 1)].sort(byId))
      const mixed = documentOf(ref, version(), [point(0), point(3)])
      expect(await space.replace([mixed])).toEqual(['missing'])
    },
  },
  {
    name: 'an older document without its vector leaves a newer point as it is',
    async run({ space, root, version }) {
      const ref = { namespace: [root], key: 'k' }
      const older = version()
      const newer = documentOf(ref, version(), near, { values: { lang: { strings: ['new'] } } })
      await store(space, [newer])
      await space.replace([documentOf(ref, older, [pointOf(ref)], { values: { lang: { strings: ['old'] } } })])
      expect(await scanAll(space, [root])).toEqual([recordOf(newer)])
      const filter = { op: 'in', path: 'lang', values: ['new'] } as const
      expect(await keysFound(space, { prefix: [root], filter })).toEqual(['k'])
    },
  },
  {
    name: 'that documents are expected to be new changes nothing about what becomes of them',
    async run({ space, root, version }) {
      const [older, at, newer] = [version(), version(), version()]
      /**
       * What is there before: at one of these versions, at the place of the point that is written or at another one.
       */
      const before = [undefined, older, at, newer].flatMap((there) => [false, true].map((stray) => ({ there, stray })))
      const outcome = async (expectedNew: boolean): Promise<unknown[]> => {
        const prefix = [root, expectedNew ? 'expected' : 'not']
        // Several of each, as an adapter may treat many in another way than few.
        const all = Array.from({ length: 40 }, (_, i) => ({
          ref: { namespace: prefix, key: `k${i}` },
          ...(before[i % before.length] as (typeof before)[number]),
          replaces: i % 3 === 0 ? newer : undefined,
        }))
        const stored = all.flatMap(({ ref, there, stray }) =>
          there === undefined
            ? []
            : [documentOf(ref, there, [pointOf(ref, far, { ...(stray ? { field: 'title' } : {}), hash: 'before' })])],
        )
        await store(space, stored)
        const written = all.map(({ ref, replaces }) => documentOf(ref, at, near, { replaces, expectedNew }))
        expect(await space.replace(written)).toEqual(written.map(() => 'done'))
        const found = await scanAll(space, prefix)
        return found.map(({ key, field, version, hash }) => ({ key, field, version, hash }))
      }
      const inOrder = (records: unknown[]): string[] => records.map((record) => JSON.stringify(record)).sort()
      const expected = inOrder(await outcome(false))
      expect(expected.length).toBeGreaterThan(40)
      expect(inOrder(await outcome(true))).toEqual(expected)
    },
  },
]
