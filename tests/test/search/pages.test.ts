import type { SearchHit } from '@tandemstore/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Backend, backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { allHits } from '../../src/pages.ts'
import { makeRig, type Rig } from '../../src/rig.ts'

const words = ['sea', 'land', 'sky', 'fire', 'stone', 'tree', 'wind', 'rain']
/** 64 texts, so that many documents share a score. */
const textOf = (n: number): string => [n % 8, Math.floor(n / 8) % 8].map((i) => words[i]).join(' ')
const keyOf = ({ document }: SearchHit): string => document.key

describe.each(backendKinds)('pages of a search, $name', ({ make }) => {
  let backend: Backend
  let rig: Rig
  let store: Awaited<ReturnType<Rig['start']>>['store']
  /** Asks its index for ten documents at most, however many are wanted. */
  let narrow: typeof store

  beforeAll(async () => {
    backend = await make()
    rig = await makeRig(backend)
    store = (await rig.start()).store
    const limits = { ...backend.vectors.limits, maxQueryLimit: 10 }
    const narrowRig = await makeRig({ kv: backend.kv, vectors: { ...backend.vectors, limits } }, {}, rig.collection)
    narrow = (await narrowRig.start()).store
    const documents = Array.from({ length: 1300 }, (_, n) => ({
      namespace: ['many', `n${n % 3}`],
      key: `k${n}`,
      value: { title: textOf(n), n, half: n % 2 },
    }))
    expect((await store.putMany(documents, { sync: 'wait' })).written).toBe(documents.length)
    ends.push(narrowRig)
  })
  const ends: Rig[] = []
  afterAll(async () => {
    for (const each of [...ends, rig]) await each.end()
    await backend.cleanup()
  })

  test('lead to every document once, best first, behind 1,000 too', async () => {
    const hits = await allHits((cursor) => store.search(['many'], { query: 'sea land', limit: 300, cursor }), 300)
    expect(new Set(hits.map(keyOf)).size).toBe(1300)
    expect(hits).toHaveLength(1300)
    const scores = hits.map(({ score }) => score as number)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    const first = await store.search(['many'], { query: 'sea land', limit: 1000 })
    expect(first.map(({ score }) => score)).toEqual(scores.slice(0, 1000))
  })

  test.each([1, 7, 10, 13])(
    'come to the same from an index that gives ten at a time, by pages of %d',
    async (limit) => {
      const options = { query: 'sea wind', filter: { n: { $lt: 120 } } }
      const whole = await store.search(['many'], { ...options, limit: 1000 })
      const hits = await allHits((cursor) => narrow.search(['many'], { ...options, limit, cursor }), limit)
      expect(hits.map(({ score }) => score)).toEqual(whole.map(({ score }) => score))
      expect(hits.map(keyOf).sort()).toEqual(whole.map(keyOf).sort())
      expect(whole).toHaveLength(120)
    },
  )

  test('go on behind an offset, with another limit, and end at minScore', async () => {
    const options = { query: 'sky', filter: { half: 1 }, minScore: 0.3 }
    const whole = await store.search(['many'], { ...options, limit: 1000 })
    expect(whole.length).toBeGreaterThan(20)
    expect(whole.cursor).toBeUndefined()
    const first = await store.search(['many'], { ...options, limit: 5, offset: 3 })
    const rest = await store.search(['many'], { ...options, limit: 1000, cursor: first.cursor })
    expect(rest.cursor).toBeUndefined()
    expect([...first, ...rest].map(({ score }) => score)).toEqual(whole.slice(3).map(({ score }) => score))
  })

  test('by a vector', async () => {
    const vector = new Float32Array(64).fill(1)
    const hits = await allHits((cursor) => store.search(['many', 'n1'], { vector, limit: 100, cursor }), 100)
    expect(new Set(hits.map(keyOf)).size).toBe(433)
  })

  test('without query and vector, in the order of a list', async () => {
    const filter = { half: 0 }
    const hits = await allHits((cursor) => store.search(['many'], { filter, limit: 70, cursor }), 70)
    const { items } = await store.list(['many'], { filter, limit: 1000 })
    expect(hits).toEqual(items.map((document) => ({ document })))
  })

  test('give none twice, and miss none, while others are written and deleted', async () => {
    const namespace = ['changing']
    const put = (key: string, title: string) => store.put(namespace, key, { title }, { sync: 'wait' })
    for (let n = 0; n < 20; n += 1) await put(`k${n}`, n < 10 ? 'sea' : 'sea sky')
    const first = await store.search(namespace, { query: 'sea', limit: 6 })
    expect(first.map(({ score }) => score)).toEqual(new Array(6).fill(first[0]?.score))
    const given = first.map(keyOf)
    await store.delete(namespace, given[0] as string, { sync: 'wait' })
    await put('later', 'sea sky')
    const rest = await allHits(
      (cursor) => store.search(namespace, { query: 'sea', limit: 6, cursor: cursor ?? first.cursor }),
      6,
    )
    const expected = [...Array.from({ length: 20 }, (_, n) => `k${n}`), 'later']
    expect([...given, ...rest.map(keyOf)].sort()).toEqual(expected.sort())
  })

  test('a cursor is part of no comparison, and there is none at the end', async () => {
    const page = await store.search(['many'], { query: 'sea', limit: 2 })
    expect(typeof page.cursor).toBe('string')
    expect(Object.keys(page)).toEqual(['0', '1'])
    expect(page).toEqual([...page])
    expect(JSON.parse(JSON.stringify(page))).toHaveLength(2)
    expect((await store.search(['none'], { query: 'sea' })).cursor).toBeUndefined()
    expect((await store.search(['many'], { query: 'sea', limit: 1000, filter: { n: 1 } })).cursor).toBeUndefined()
  })

  test('a cursor of another search is refused, and so is an offset beside it', async () => {
    const options = { query: 'sea', filter: { half: 1 }, limit: 3 }
    const { cursor } = await store.search(['many'], options)
    const others: [string[], object][] = [
      [['many', 'n1'], options],
      [[], options],
      [['many'], { ...options, query: 'land' }],
      [['many'], { ...options, filter: { half: 0 } }],
      [['many'], { ...options, filter: undefined }],
      [['many'], { ...options, minScore: 0 }],
      [['many'], { ...options, unscored: 'append' }],
      [['many'], { filter: options.filter }],
    ]
    for (const [prefix, other] of others) {
      const error = await rejection(store.search(prefix, { ...other, cursor }), 'INVALID_ARGUMENT')
      expect(error.field).toBe('cursor')
    }
    const beside = await rejection(store.search(['many'], { ...options, cursor, offset: 1 }), 'INVALID_ARGUMENT')
    expect(beside.field).toBe('options.offset')
    const { cursor: ofList } = await store.list(['many'], { limit: 1 })
    await rejection(store.search(['many'], { ...options, cursor: ofList }), 'INVALID_ARGUMENT')
  })
})
