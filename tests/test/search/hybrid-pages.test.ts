import type { SearchHit, SearchOptions } from '@tandemstore/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Backend, backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { allHits } from '../../src/pages.ts'
import { fields, makeRig, type Rig } from '../../src/rig.ts'

const words = ['sea', 'land', 'sky', 'fire', 'stone', 'tree', 'wind', 'rain']
/** 64 texts, so that many documents share a score. */
const textOf = (n: number): string => [n % 8, Math.floor(n / 8) % 8].map((i) => words[i]).join(' ')
const keyOf = ({ document }: SearchHit): string => document.key
const index = { fields, keywords: true } as const

describe.each(backendKinds)('pages of a search by words, $name', ({ make }) => {
  let backend: Backend
  let rig: Rig
  let store: Awaited<ReturnType<Rig['start']>>['store']
  /** Asks its index for ten documents at most, however many are wanted. */
  let narrow: typeof store
  const ends: Rig[] = []

  beforeAll(async () => {
    backend = await make()
    rig = await makeRig(backend, { index })
    store = (await rig.start()).store
    const limits = { ...backend.vectors.limits, maxQueryLimit: 10 }
    const narrowRig = await makeRig(
      { kv: backend.kv, vectors: { ...backend.vectors, limits } },
      { index },
      rig.collection,
    )
    narrow = (await narrowRig.start()).store
    const documents = Array.from({ length: 1300 }, (_, n) => ({
      namespace: ['many', `n${n % 3}`],
      key: `k${n}`,
      value: { title: textOf(n), n },
    }))
    expect((await store.putMany(documents, { sync: 'wait' })).written).toBe(documents.length)
    ends.push(narrowRig)
  })
  afterAll(async () => {
    for (const each of [...ends, rig]) await each.end()
    await backend.cleanup()
  })

  test('lead to every document once in a hybrid search, those that only meaning finds too', async () => {
    const hits = await allHits((cursor) => store.search(['many'], { query: 'sea land', limit: 300, cursor }), 300)
    expect(hits).toHaveLength(1300)
    expect(new Set(hits.map(keyOf)).size).toBe(1300)
    for (const { score } of hits) {
      expect(score).toBeGreaterThanOrEqual(0)
      expect(score).toBeLessThanOrEqual(1)
    }
  })

  test('lead to every document that holds a word once in a search by keyword, best first', async () => {
    const options = { query: 'sea land', mode: 'keyword' } as const
    const hits = await allHits((cursor) => store.search(['many'], { ...options, limit: 77, cursor }), 77)
    const expected = Array.from({ length: 1300 }, (_, n) => n).filter((n) => /sea|land/.test(textOf(n)))
    expect(hits.map(keyOf).sort()).toEqual(expected.map((n) => `k${n}`).sort())
    const scores = hits.map(({ score }) => score as number)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(scores[0]).toBe(1)
  })

  test.each<[string, number, SearchOptions]>([
    ['hybrid', 1, { query: 'sea wind' }],
    ['hybrid', 7, { query: 'sea wind' }],
    ['hybrid', 13, { query: 'sea wind', weights: { vector: 1, keyword: 2 } }],
    ['keyword', 1, { query: 'sea wind', mode: 'keyword' }],
    ['keyword', 10, { query: 'sea wind', mode: 'keyword' }],
  ])('come to the same from an index that gives ten at a time, %s, by pages of %d', async (_, limit, asked) => {
    const options = { ...asked, filter: { n: { $lt: 120 } } }
    // With no more documents than the legs are asked for, the pages are in the order of the whole.
    const whole = await store.search(['many'], { ...options, limit: 1000 })
    const hits = await allHits((cursor) => narrow.search(['many'], { ...options, limit, cursor }), limit)
    expect(hits.map(keyOf).sort()).toEqual(whole.map(keyOf).sort())
    expect(hits.slice(0, 50).map(({ score }) => score?.toFixed(4))).toEqual(
      whole.slice(0, 50).map(({ score }) => score?.toFixed(4)),
    )
  })

  test('give none twice and lose none when documents are written and deleted between two pages', async () => {
    const extra = await makeRig(backend, { index })
    const { store: changing } = await extra.start()
    const put = (n: number) => changing.put(['a'], `k${n}`, { title: textOf(n) })
    for (let n = 0; n < 400; n += 1) await put(n)
    await changing.flush()
    let page = 0
    const hits = await allHits(async (cursor) => {
      page += 1
      if (cursor !== undefined) {
        await put(1000 + page)
        await changing.delete(['a'], `k${1000 + page - 1}`)
        await changing.flush()
      }
      return changing.search(['a'], { query: 'sea land', limit: 30, cursor })
    }, 30)
    const keys = hits.map(keyOf)
    expect(new Set(keys).size).toBe(keys.length)
    for (let n = 0; n < 400; n += 1) expect(keys).toContain(`k${n}`)
    await extra.end()
  })

  test('lose none of the documents behind dead points', async () => {
    const extra = await makeRig(backend, { index })
    const { store: emptied } = await extra.start()
    const documents = Array.from({ length: 20 }, (_, n) => ({
      namespace: ['a'],
      key: `k${n}`,
      value: { title: `sea ${textOf(n)}` },
    }))
    await emptied.putMany(documents, { sync: 'wait' })
    const before = await emptied.search(['a'], { query: 'sea', limit: 20 })
    expect(before).toHaveLength(20)
    const gone = before.slice(0, 5).map(({ document: { namespace, key, version } }) => ({ namespace, key, version }))
    await extra.raw.kv.delete(gone.map((ref) => ({ ...ref, version: `${ref.version}f` })))
    const hits = await allHits((cursor) => emptied.search(['a'], { query: 'sea', limit: 10, cursor }), 10)
    expect(hits.map(keyOf)).toEqual(before.slice(5).map(keyOf))
    await extra.end()
  })

  test('a score that is too low ends them', async () => {
    const all = await store.search(['many'], { query: 'sea land', limit: 1000 })
    const minScore = 0.8
    const hits = await allHits((cursor) => store.search(['many'], { query: 'sea land', minScore, limit: 9, cursor }), 9)
    expect(hits.length).toBeGreaterThan(0)
    expect(hits.every(({ score }) => (score as number) >= minScore)).toBe(true)
    const best = all.filter(({ score }) => (score as number) >= minScore).map(keyOf)
    for (const key of hits.map(keyOf)) expect(best).toContain(key)
  })

  test('a cursor is of one search: mode, weights and query are the same', async () => {
    const { cursor } = await store.search(['many'], { query: 'sea land', limit: 3 })
    for (const other of [
      { query: 'sea wind' },
      { query: 'sea land', mode: 'keyword' },
      { query: 'sea land', mode: 'vector' },
      { query: 'sea land', weights: { vector: 1, keyword: 1 } },
    ] as const) {
      await rejection(store.search(['many'], { ...other, cursor }), 'INVALID_ARGUMENT')
    }
    expect(await store.search(['many'], { query: 'sea land', limit: 3, cursor, degrade: false })).toHaveLength(3)
  })
})
