import type { SearchHit } from '@tandemstore/core'
import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { useRig } from '../../src/fixture.ts'
import { allHits } from '../../src/pages.ts'

const nameOf = ({ document }: SearchHit): string => [...document.namespace, document.key].join('/')

describe.each(backendKinds)('documents without points in a search, $name', (kind) => {
  const rig = useRig(kind)

  async function filled() {
    const { store } = await rig.current.start()
    const put = (label: string, key: string, value: object, options: object = {}) =>
      store.put(['a', label], key, { lang: 'en', ...value }, { sync: 'wait', ...options })
    for (let n = 0; n < 12; n += 1) await put(`n${n % 2}`, `k${n}`, { title: n < 6 ? 'sea' : 'stone' })
    await put('n1', 'not indexed', { title: 'sea' }, { index: false })
    await put('n0', 'without text', { body: '  ' })
    await put('n2', 'no field', { other: 'sea' })
    await put('n2', 'of another language', { other: 'sea', lang: 'de' })
    await put('n2', 'not indexed any more', { title: 'sea' })
    await put('n2', 'not indexed any more', { title: 'sea' }, { index: false })
    await store.put(['b'], 'elsewhere', { other: 'sea', lang: 'en' }, { sync: 'wait' })
    return store
  }
  const unscored = ['a/n0/without text', 'a/n1/not indexed', 'a/n2/no field', 'a/n2/not indexed any more']
  const options = { query: 'sea', filter: { lang: 'en' } } as const

  test('are left out unless they are asked for', async () => {
    const store = await filled()
    for (const rest of [{}, { unscored: 'omit' } as const]) {
      const hits = await store.search(['a'], { ...options, ...rest, limit: 100 })
      expect(hits).toHaveLength(12)
      expect(hits.every(({ score }) => Number.isFinite(score))).toBe(true)
    }
  })

  test('follow the scored ones, in the order of a list and without a score', async () => {
    const store = await filled()
    const hits: SearchHit[] = await store.search(['a'], { ...options, limit: 100, unscored: 'append' })
    expect(hits.slice(0, 12).every(({ score }) => Number.isFinite(score))).toBe(true)
    expect(hits.slice(12).map(nameOf)).toEqual(unscored)
    expect(hits.slice(12)).toEqual(hits.slice(12).map(({ document }) => ({ document })))
    const few = await store.search(['a'], { ...options, limit: 3, unscored: 'append' })
    expect(few).toEqual(hits.slice(0, 3))
  })

  test('are there whatever the minScore, and are no documents that score below it', async () => {
    const store = await filled()
    const hits = await store.search(['a'], { ...options, minScore: 0.99, limit: 100, unscored: 'append' })
    expect(hits.slice(6).map(nameOf)).toEqual(unscored)
    expect(hits.slice(0, 6).every(({ document }) => document.value.title === 'sea')).toBe(true)
  })

  test.each([1, 2, 3, 5, 12, 16])('come by offset and by cursor, by pages of %d', async (limit) => {
    const store = await filled()
    const search = (rest: object) => store.search(['a'], { ...options, unscored: 'append', ...rest })
    const whole = (await search({ limit: 100 })).map(nameOf)
    expect(whole).toHaveLength(16)
    const pages: string[] = []
    for (let offset = 0; offset < 20; offset += limit) pages.push(...(await search({ limit, offset })).map(nameOf))
    expect(pages).toEqual(whole)
    // Of one score any may stand in another's place, as long as each comes once.
    const hits = (await allHits((cursor) => search({ limit, cursor }), limit)).map(nameOf)
    expect(hits.slice(12)).toEqual(unscored)
    expect([...hits].sort()).toEqual([...whole].sort())
  })

  test('what is not indexed yet is among them, and each comes once', async () => {
    const { store } = await rig.current.start({ sync: 'manual' })
    const put = (key: string, title: string) => store.put(['a'], key, { title })
    await put('1', 'sea')
    await put('2', 'stone')
    const search = async () =>
      (await store.search(['a'], { query: 'sea', unscored: 'append' })).map(({ document, score }) => [
        document.key,
        score === undefined ? 'unscored' : 'scored',
      ])
    expect(await search()).toEqual([
      ['1', 'unscored'],
      ['2', 'unscored'],
    ])
    await store.flush()
    await put('3', 'sea')
    // Its points are there and go with the next flush.
    await store.put(['a'], '2', { other: 1 })
    expect(await search()).toEqual([
      ['1', 'scored'],
      ['2', 'scored'],
      ['3', 'unscored'],
    ])
  })

  test('a list has no score anyhow', async () => {
    const store = await filled()
    const hits = await store.search(['a'], { filter: { lang: 'en' }, limit: 100, unscored: 'append' })
    expect(hits).toHaveLength(16)
  })
})
