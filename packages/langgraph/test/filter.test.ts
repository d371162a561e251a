import { InMemoryStore } from '@langchain/langgraph-checkpoint'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TandemStore } from '../src/index.js'
import { inMemory, inSqlite, keysOf, openStore } from './backends.js'

const names = ['a', 'b', 'a.b', 'a[0]', '$x', '__proto__', 'constructor', '']
const scalar = fc.constantFrom<unknown>(0, 1, -1, 2.5, '0', '1', '', 'tea', '2.5', 'é', true, false)
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.constant(null),
  fc.array(scalar, { maxLength: 2 }),
  fc.record({ a: scalar, b: scalar }, { requiredKeys: [] }),
)
const item = fc
  .dictionary(fc.constantFrom(...names.filter((name) => name !== '__proto__' && name !== '')), value, { maxKeys: 4 })
  .map((each): Record<string, unknown> => JSON.parse(JSON.stringify(each)))
const condition = fc.oneof(
  scalar,
  fc.constant(null),
  fc.constant({}),
  fc.record({ $eq: fc.oneof(scalar, fc.constant(null)) }),
  fc.record({ $ne: fc.oneof(scalar, fc.constant(null)) }),
  fc.record({ $in: fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 3 }) }),
  fc.record({ $nin: fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 3 }) }),
  fc.record({ $gt: scalar }),
  fc.record({ $gte: scalar, $lt: scalar }, { requiredKeys: [] }),
  fc.record({
    $lte: fc.oneof(scalar, fc.constant(null), fc.constant(Number.NaN), fc.constant(Number.POSITIVE_INFINITY)),
  }),
)
const filter = fc.dictionary(fc.constantFrom(...names), condition, { maxKeys: 3 })

/** What the README names: a search by query looks into lists for what they must not hold, and compares no null and no empty list. */
function isNamedDifference(stored: Record<string, unknown>, given: Record<string, unknown>): boolean {
  return Object.entries(given).some(([name, operand]) => {
    const found = stored[name]
    const operators = Object.keys((operand ?? {}) as object)
    if (operators.some((each) => each === '$ne' || each === '$nin')) return Array.isArray(found)
    const isRange = operators.some((each) => /^\$[gl]t/.test(each))
    return isRange && (found === null || (Array.isArray(found) && found.every((each) => each === null)))
  })
}

describe('a filter', () => {
  it.each([
    ['in memory', async () => inMemory, 150],
    ['on SQLite', inSqlite, 30],
  ])('means what it means to InMemoryStore, %s', async (_, make, numRuns) => {
    const backend = await make()
    const { store: tandem } = await openStore(backend)
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { minLength: 1, maxLength: 8 }),
        fc.array(filter, { maxLength: 6 }),
        async (items, filters) => {
          run += 1
          const namespace = [`run${run}`]
          const store = new InMemoryStore()
          const puts = items.map((value, i) => ({ namespace, key: `${i}`, value: { ...value, text: 'tea' } }))
          await store.batch(puts)
          await tandem.batch(puts)
          for (const given of filters) {
            const expected = await store.search(namespace, { filter: given, limit: 100 })
            const listed = await tandem.search(namespace, { filter: given, limit: 100 })
            expect(keysOf(listed)).toEqual(keysOf(expected))
            const found = await tandem.search(namespace, { filter: given, limit: 100, query: 'tea' })
            const certain = expected.filter((each) => !isNamedDifference(each.value, given))
            expect(keysOf(expected)).toEqual(expect.arrayContaining(keysOf(found)))
            expect(keysOf(found)).toEqual(expect.arrayContaining(keysOf(certain)))
          }
        },
      ),
      { numRuns },
    )
    await tandem.stop()
    await backend.cleanup?.()
  })

  const withItems = async (values: Record<string, unknown>[]): Promise<TandemStore> => {
    const { store } = await openStore(inMemory, { filterable: { at: 'datetime', 'deep.at': 'datetime' } })
    await store.batch(values.map((value, i) => ({ namespace: ['n'], key: `${i}`, value: { text: 'tea', ...value } })))
    return store
  }
  const both = async (store: TandemStore, given: Record<string, unknown>): Promise<string[]> => {
    const listed = keysOf(await store.search(['n'], { filter: given, limit: 100 }))
    const found = keysOf(await store.search(['n'], { filter: given, limit: 100, query: 'tea' }))
    expect(found.sort()).toEqual(listed)
    return listed
  }

  it('compares objects and lists by content', async () => {
    const store = await withItems([
      { meta: { lang: 'en', tags: ['x', 'y'], deep: { n: 1 } } },
      { meta: { lang: 'en', tags: ['x'], deep: { n: 2 } } },
      { meta: 'en' },
      { meta: [{ lang: 'en' }] },
      {},
    ])
    expect(await both(store, { meta: { lang: 'en' } })).toEqual(['0', '1'])
    expect(await both(store, { meta: { deep: { n: { $gte: 2 } }, lang: 'en' } })).toEqual(['1'])
    expect(await both(store, { meta: { tags: ['x', 'y'] } })).toEqual(['0'])
    expect(await both(store, { meta: { tags: ['y', 'x'] } })).toEqual([])
    expect(await both(store, { meta: { $eq: [{ lang: 'en' }] } })).toEqual(['3'])
    expect(await both(store, { meta: { $in: ['en', [{ lang: 'en' }]] } })).toEqual(['2', '3'])
    expect(await both(store, { meta: undefined })).toEqual(['4'])
    expect(await both(store, { meta: { $exists: true } })).toEqual(['2'])
    await store.stop()
  })

  it('compares a list by its only element, and no object', async () => {
    const store = await withItems([{ a: [5] }, { a: ['5'] }, { a: [5, 6] }, { a: { toString: 5 } }, { a: [[5]] }, { a: [{ valueOf: 1, toString: 1 }] }]) // biome-ignore format: a list
    expect(await both(store, { a: { $gt: 4 } })).toEqual(['0', '1', '4'])
    await store.stop()
  })

  it('compares dates on paths that are declared as such', async () => {
    const store = await withItems([
      { at: '2026-01-01T00:00:00Z', other: '2026-01-01T00:00:00Z' },
      { at: '2026-03-01T00:00:00+02:00' },
      { at: 'yesterday' },
      { deep: { at: '2026-05-01T00:00:00Z' } },
    ])
    expect(await both(store, { at: { $gt: '2026-02-28T21:59:59Z', $lt: new Date('2026-04-01') } })).toEqual(['1'])
    expect(await both(store, { deep: { at: { $gte: '2026-05-01T00:00:00Z' } } })).toEqual(['3'])
    expect(await both(store, { other: { $gt: '2025-01-01T00:00:00Z' } })).toEqual([])
    await store.stop()
  })

  it('loses no result where the index lets too much through', async () => {
    const lists = Array.from({ length: 700 }, () => ({ kind: ['x'] }))
    const store = await withItems([...lists, { kind: 'x' }, { kind: 'x' }])
    expect(keysOf(await store.search(['n'], { query: 'tea', filter: { kind: 'x' }, limit: 2 })).sort()).toEqual(['700', '701']) // biome-ignore format: one line
    await store.stop()
  })

  it.each([
    [{ a: { $regex: 'x' } }, 'filter.a.$regex'],
    [{ a: { $gt: 1, b: 2 } }, undefined],
    [{ a: { b: { $foo: 1 } } }, 'filter.a.b.$foo'],
    [{ a: { $in: 'x' } }, 'filter.a.$in'],
    [{ a: { $exists: 1 } }, 'filter.a.$exists'],
    [{ a: 1n }, 'filter.a'],
    ['text', 'filter'],
  ])('that makes no sense is refused: %#', async (given, field) => {
    const store = await withItems([])
    const refused = store.search(['n'], { filter: given as never })
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', ...(field === undefined ? {} : { field }) })
    await store.stop()
  })
})
