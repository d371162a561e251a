import { expect } from 'vitest'
import { type Check, uniqueName } from '../shared/check.js'
import { expectAborted, expectCode, positiveIntegers } from '../shared/expectations.js'
import { declared, documentOf, keysFound, recordOf, scanAll, store, type VectorContext, vectorOf } from './context.js'

const near = vectorOf(1, 0, 0, 0)

export const spaceChecks: readonly Check<VectorContext>[] = [
  {
    name: 'the index has a name, and limits that are whole numbers above zero',
    async run({ index }) {
      expect(index.name).toMatch(/./)
      expect(positiveIntegers(index.limits)).toEqual(index.limits)
    },
  },
  {
    name: 'a space of that name with other dimensions or another metric is MODEL_MISMATCH, and stays as it is',
    async run({ index, fresh, version }) {
      const { space, definition } = await fresh()
      const document = documentOf({ namespace: ['n'], key: 'k' }, version(), near)
      await store(space, [document])
      await expectCode('MODEL_MISMATCH', () => index.open({ ...definition, dimensions: 5 }))
      await expectCode('MODEL_MISMATCH', () => index.open({ ...definition, metric: 'dot' }))
      expect(await scanAll(space, [])).toEqual([recordOf(document)])
    },
  },
  {
    name: 'two handles of one space, opened at the same time, see one another; closing one leaves the other',
    async run({ index, version }) {
      const definition = { name: uniqueName('s'), dimensions: 4, metric: 'cosine', filterable: declared } as const
      const [one, two] = await Promise.all([index.open(definition), index.open(definition)])
      const document = documentOf({ namespace: ['n'], key: 'k' }, version(), near)
      await store(one, [document])
      expect(await scanAll(two, [])).toEqual([recordOf(document)])
      await one.close()
      expect(await keysFound(two, { prefix: [] })).toEqual(['k'])
      await two.drop()
    },
  },
  {
    name: 'what was closed is found again, also with other filterable paths',
    async run({ index, version }) {
      const definition = { name: uniqueName('s'), dimensions: 4, metric: 'cosine', filterable: {} } as const
      const first = await index.open(definition)
      const values = { lang: { strings: ['de'] }, year: { numbers: [1999.5] } }
      await store(first, [documentOf({ namespace: ['n'], key: 'old' }, version(), near, { values })])
      await first.close()
      const second = await index.open({ ...definition, filterable: declared })
      await store(second, [documentOf({ namespace: ['n'], key: 'new' }, version(), near, { values })])
      for (const filter of [
        { op: 'in', path: 'lang', values: ['de'] },
        { op: 'range', path: 'year', on: 'numbers', compare: 'gt', value: 1999 },
      ] as const) {
        expect(await keysFound(second, { prefix: [], filter })).toEqual(['new', 'old'])
      }
      await second.drop()
    },
  },
  {
    name: 'two spaces have nothing in common',
    async run({ fresh, version }) {
      const [{ space: one }, { space: two }] = [await fresh(), await fresh({ dimensions: 2 })]
      const ref = { namespace: ['n'], key: 'k' }
      const [mine, theirs] = [documentOf(ref, version(), near), documentOf(ref, version(), vectorOf(1, 0))]
      await store(one, [mine])
      expect(await scanAll(two, [])).toEqual([])
      await store(two, [theirs])
      await one.deletePrefix(['n'], version())
      expect(await scanAll(one, [])).toEqual([])
      expect(await scanAll(two, [])).toEqual([recordOf(theirs)])
    },
  },
  {
    name: 'a space that was dropped is empty when it is made again, and may have other dimensions',
    async run({ index, version }) {
      const definition = { name: uniqueName('s'), dimensions: 4, metric: 'cosine', filterable: {} } as const
      const first = await index.open(definition)
      await store(first, [documentOf({ namespace: ['n'], key: 'k' }, version(), near)])
      await first.drop()
      const second = await index.open({ ...definition, dimensions: 3, metric: 'euclidean' })
      expect(await scanAll(second, [])).toEqual([])
      const document = documentOf({ namespace: ['n'], key: 'k' }, version(), vectorOf(1, 2, 3))
      await store(second, [document])
      expect(await scanAll(second, [])).toEqual([recordOf(document)])
      await second.drop()
    },
  },
  {
    name: 'ping resolves',
    async run({ space }) {
      await space.ping()
    },
  },
  {
    name: 'a signal that is aborted already rejects every call, and nothing is done',
    async run({ index, space, root, version, fresh }) {
      const kept = documentOf({ namespace: [root], key: 'kept' }, version(), near, { expiresAt: 4_000_000_000_000 })
      const other = documentOf({ namespace: [root], key: 'other' }, version(), near)
      await store(space, [kept])
      const { space: whole, definition } = await fresh()
      await store(whole, [kept])
      await expectAborted((signal) => index.open(definition, { signal }))
      await expectAborted((signal) => space.replace([other, documentOf(kept, version(), [])], { signal }))
      await expectAborted((signal) => space.deletePrefix([root], version(), { signal }))
      await expectAborted((signal) => whole.deleteExpired(4_000_000_000_000, { signal }))
      await expectAborted((signal) => space.get([kept.points[0]?.id as string], { signal }))
      await expectAborted((signal) => space.query({ vector: near, prefix: [root], now: 0, limit: 1 }, { signal }))
      await expectAborted((signal) => space.scan({ prefix: [root], limit: 1 }, { signal }))
      await expectAborted((signal) => space.count({ signal }))
      await expectAborted((signal) => space.ping({ signal }))
      await expectAborted((signal) => whole.drop({ signal }))
      expect(await scanAll(space, [root])).toEqual([recordOf(kept)])
      expect(await scanAll(whole, [])).toEqual([recordOf(kept)])
    },
  },
]
