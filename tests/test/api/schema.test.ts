import {
  createStore,
  type Document,
  type ScoredHit,
  type SearchHit,
  type SearchOptions,
  type SearchPage,
  type Store,
} from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fakeEmbedder } from '@tandemstore/testkit'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { rejection } from '../../src/errors.ts'

const note = z.object({
  title: z.string().min(1),
  year: z.coerce.number().int(),
  tags: z.array(z.string()).default([]),
  author: z.object({ name: z.string() }).optional(),
})
type Note = z.output<typeof note>
type NoteInput = z.input<typeof note>

const databases = () => ({ collection: 'notes', kv: memoryKV(), vectors: memoryIndex(), embedder: fakeEmbedder() })

describe('a schema', () => {
  test('checks values, and what it puts out is stored and indexed', async () => {
    await using store = await createStore({ ...databases(), schema: note, index: { fields: ['title'] }, sync: 'wait' })
    await store.put(['a'], '1', { title: 'red', year: '2026' })
    expect((await store.get(['a'], '1'))?.value).toEqual({ title: 'red', year: 2026, tags: [] })
    expect(await store.search([], { query: 'red', filter: { year: { $gte: 2026 } } })).toHaveLength(1)
  })

  test('refuses by name what is not valid, before any write', async () => {
    await using store = await createStore({ ...databases(), schema: note })
    const error = await rejection(store.put(['a'], '1', { title: '', year: 1 }), 'INVALID_ARGUMENT')
    expect(error).toMatchObject({ field: 'value.title', namespace: ['a'], key: '1' })
    const noName = { title: 'red', year: 1, author: { name: 1 } } as unknown as NoteInput
    expect((await rejection(store.put(['a'], '1', noName), 'INVALID_ARGUMENT')).field).toBe('value.author.name')
    expect((await store.list([])).items).toEqual([])
    const { written, failed } = await store.putMany([
      { namespace: ['a'], key: '1', value: { title: '', year: 1 } },
      { namespace: ['a'], key: '2', value: { title: 'red', year: 1 } },
    ])
    expect(written).toBe(1)
    expect(failed).toMatchObject([{ key: '1', error: { code: 'INVALID_ARGUMENT', field: 'value.title' } }])
  })

  test('may take its time, and writes keep their order', async () => {
    const slow = note.refine(async ({ year }) => year >= 0, { path: ['year'], error: 'before our time' })
    await using store = await createStore({ ...databases(), schema: slow })
    await Promise.all([1, 2, 3].map((year) => store.put(['a'], '1', { title: `red ${year}`, year })))
    expect((await store.get(['a'], '1'))?.value.year).toBe(3)
    expect(await rejection(store.put(['a'], '1', { title: 'red', year: -1 }), 'INVALID_ARGUMENT')).toMatchObject({
      field: 'value.year',
    })
    const { written } = await store.putMany([{ namespace: ['a'], key: '2', value: { title: 'red', year: 4 } }])
    expect(written).toBe(1)
  })

  test('that puts out what is no JSON is refused', async () => {
    const dated = z.object({ at: z.string().transform((text) => new Date(text)) })
    await using store = await createStore({ ...databases(), schema: dated })
    expect((await rejection(store.put(['a'], '1', { at: '2026-01-01' }), 'INVALID_ARGUMENT')).field).toBe('value.at')
  })

  test('that throws fails the put with that', async () => {
    const broken = z.object({
      title: z.string().refine(() => {
        throw new RangeError('the schema broke')
      }),
    })
    await using store = await createStore({ ...databases(), schema: broken })
    await expect(store.put(['a'], '1', { title: 'red' })).rejects.toThrow('the schema broke')
    expect((await store.list([])).items).toEqual([])
    await store.flush()
  })
})

describe('types', () => {
  test('of a store with a schema: what goes in, what comes out, and what can be filtered', async () => {
    await using store = await createStore({ ...databases(), schema: note })
    expectTypeOf(store).toEqualTypeOf<Store<Note, NoteInput>>()
    expectTypeOf(store.put).parameter(2).toEqualTypeOf<NoteInput>()
    expectTypeOf(store.get).returns.resolves.toEqualTypeOf<Document<Note> | undefined>()
    const search = () => store.search([], { filter: { year: 2026 } })
    expectTypeOf(search).returns.resolves.toEqualTypeOf<SearchPage<SearchHit<Note>>>()
    const filters = () => [
      store.search([], { filter: { year: 2026, 'author.name': { $in: ['ana'] }, tags: 'x', $or: [{ title: null }] } }),
      // @ts-expect-error no such path
      store.search([], { filter: { yaer: 2026 } }),
      // @ts-expect-error a year is a number
      store.search([], { filter: { year: '2026' } }),
      // @ts-expect-error no such operator
      store.list([], { filter: { year: { $like: 1 } } }),
      // @ts-expect-error a title is missing
      store.put(['a'], '1', { year: 1 }),
      // @ts-expect-error a namespace is a list of labels
      store.put('a', '1', { title: 'red', year: 1 }),
    ]
    expectTypeOf(filters).toBeFunction()
  })

  test('of a store without one: any JSON object, and any path', async () => {
    await using store = await createStore(databases())
    expectTypeOf(store).toEqualTypeOf<Store>()
    expectTypeOf<{ readonly [name: string]: unknown }>().toExtend<
      NonNullable<Parameters<typeof store.list>[1]>['filter']
    >()
    const wrong = () => [
      // @ts-expect-error a Date is no JSON
      store.put(['a'], '1', { at: new Date() }),
      // @ts-expect-error a function is no JSON
      store.put(['a'], '1', { do: () => {} }),
      // @ts-expect-error no such option
      store.put(['a'], '1', {}, { ttl: 1 }),
    ]
    expectTypeOf(wrong).toBeFunction()
    const receipt = await store.put(['a'], '1', { any: [1, 'two', null, { three: true }] })
    expectTypeOf(receipt.version).toBeString()
    expectTypeOf(receipt.indexed).toEqualTypeOf<Promise<void>>()
    expect((await store.get(['a'], '1'))?.value).toEqual({ any: [1, 'two', null, { three: true }] })
  })

  test('of a search: a hit has a score where a query or a vector is given, also by a variable', async () => {
    await using store = await createStore(databases())
    const byQuery = { query: 'red', limit: 3 }
    const byEither: { query: string } | { vector: number[] } = byQuery
    const scored = () => [
      store.search([], { query: 'red', filter: { year: 1 } }),
      store.search([], { vector: new Float32Array(64) }),
      store.search([], byQuery),
      store.search([], byEither),
    ]
    expectTypeOf(scored).returns.items.resolves.toEqualTypeOf<SearchPage<ScoredHit>>()
    const options: SearchOptions = byQuery
    const perhaps = (query: string | undefined) => [
      store.search([]),
      store.search([], {}),
      store.search([], { filter: { year: 1 } }),
      store.search([], { query }),
      store.search([], options),
      store.search([], { query: 'red', unscored: 'append' }),
    ]
    expectTypeOf(perhaps).returns.items.resolves.toEqualTypeOf<SearchPage<SearchHit>>()
    // A page is an array of hits to whoever needs no cursor.
    const hits: Promise<ScoredHit[]> = store.search([], { query: 'red', unscored: 'omit' })
    expect(await hits).toEqual([])
    // A search can be wrapped, whatever it is given.
    const twice = async (given: SearchOptions) => [
      ...(await store.search([], given)),
      ...(await store.search([], given)),
    ]
    expectTypeOf(twice).returns.resolves.toEqualTypeOf<SearchHit[]>()
    const wrong = () => [
      // @ts-expect-error no such option
      store.search([], { query: 'red', top: 3 }),
      // @ts-expect-error a limit is a number
      store.search([], { query: 'red', limit: '3' }),
    ]
    expectTypeOf(wrong).toBeFunction()
  })

  test('of a store with a type argument', async () => {
    interface Memory {
      readonly text: string
      readonly importance: number
    }
    await using store = await createStore<Memory>(databases())
    expectTypeOf(store.put).parameter(2).toEqualTypeOf<Memory>()
    await store.put(['a'], '1', { text: 'red', importance: 1 }, { sync: 'wait' })
    const [hit] = await store.search([], { query: 'red', filter: { importance: { $gt: 0 } } })
    expectTypeOf(hit?.document.value).toEqualTypeOf<Memory | undefined>()
    expect(hit?.document.value).toEqual({ text: 'red', importance: 1 })
  })
})
