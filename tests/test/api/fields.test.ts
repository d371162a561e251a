import { once } from 'node:events'
import { createStore, type FieldPath, type StoreEvents } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { sqlite } from '@tandemstore/sqlite'
import { fakeEmbedder } from '@tandemstore/testkit'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'

const backends = [
  ['memory', () => ({ kv: memoryKV(), vectors: memoryIndex() })],
  ['sqlite', () => sqlite({ path: ':memory:' })],
] as const

describe.each(backends)('paths, %s', (_, databases) => {
  test('of many names or elements make points and filter', async () => {
    await using store = await createStore({
      ...{ collection: 'paths', ...databases(), embedder: fakeEmbedder(), sync: 'wait' },
      index: { fields: ['{de,en}.title', 'notes[-1]', 'by.*.name'] },
    })
    await store.put(['a'], '1', {
      de: { title: 'Tee' },
      en: { title: 'Tea' },
      notes: ['old', 'new'],
      by: { x: { name: 'Ada' } },
    })
    await store.put(['a'], '2', { fr: { title: 'Tee' }, notes: [] })
    const matched = async (query: string) =>
      (await store.search(['a'], { query, limit: 1 })).map(
        ({ matched }) => matched && { field: matched.field, part: matched.part },
      )
    expect(await matched('Tee')).toEqual([{ field: '{de,en}.title', part: 0 }])
    expect(await matched('Tea')).toEqual([{ field: '{de,en}.title', part: 1 }])
    expect(await matched('new')).toEqual([{ field: 'notes[-1]', part: 0 }])
    expect(await matched('Ada')).toEqual([{ field: 'by.*.name', part: 0 }])
    for (const [filter, keys] of [
      [{ '{de,fr}.title': 'Tee' }, ['1']],
      [{ '{de,en}.title': 'Tea' }, ['1']],
      [{ '{de,en}.title': { $ne: 'Kaffee' } }, ['1']],
      [{ '{de,en}.title': { $ne: 'Tea' } }, []],
    ] as const) {
      const hits = await store.search(['a'], { query: 'Tee', filter })
      expect(hits.map(({ document }) => document.key)).toEqual(keys)
    }
    expect((await store.list(['a'], { filter: { '{de,fr}.title': 'Tee' } })).items).toHaveLength(2)
  })

  test('under an empty name pass no filter on another', async () => {
    await using store = await createStore({
      collection: 'empty',
      ...databases(),
      embedder: fakeEmbedder(),
      sync: 'wait',
    })
    await store.put(['a'], 'honest', { approved: true })
    await store.put(['a'], 'not', { approved: false, '': { approved: true } })
    const filter = { approved: true }
    expect((await store.search(['a'], { query: 'x', filter })).map(({ document }) => document.key)).toEqual(['honest'])
    expect((await store.list(['a'], { filter })).items.map(({ key }) => key)).toEqual(['honest'])
  })
})

describe('index.fields', () => {
  const note = z.object({
    title: z.string(),
    tags: z.array(z.string()),
    notes: z.array(z.object({ text: z.string(), by: z.object({ name: z.string() }).optional() })),
    any: z.unknown(),
  })

  test('are typed by the values of the store', () => {
    const databases = { collection: 'notes', kv: memoryKV(), schema: note }
    const stores = () => [
      createStore({
        ...databases,
        index: { fields: ['$', 'title', 'tags', 'tags[*]', 'tags[-1]', 'notes[*].by.name'] },
      }),
      createStore({ ...databases, index: { fields: ['any.thing', 'notes.*.text', '{title,tags}', 'a\\.b'] } }),
      createStore({ collection: 'notes', kv: memoryKV(), index: { fields: ['whatever'] } }),
      // @ts-expect-error no such path
      createStore({ ...databases, index: { fields: ['titel'] } }),
      // @ts-expect-error no such path in an element
      createStore({ ...databases, index: { fields: ['notes[*].txet'] } }),
      // @ts-expect-error a list has no such name
      createStore({ ...databases, index: { fields: ['notes.text'] } }),
      // @ts-expect-error no such path of the type argument
      createStore<{ readonly text: string }>({ collection: 'notes', kv: memoryKV(), index: { fields: ['txet'] } }),
    ]
    expectTypeOf(stores).toBeFunction()
    expectTypeOf<FieldPath<{ readonly [name: string]: string }>>().toEqualTypeOf<string>()
  })

  const misspelt = () => ({
    ...{ collection: 'misspelt', kv: memoryKV(), vectors: memoryIndex(), embedder: fakeEmbedder() },
    index: { fields: ['txet'] },
  })
  const documents = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ namespace: ['a'], key: `${i}`, value: { text: 'red', i } }))

  test('that none of a hundred documents has are told by an event, once', async () => {
    await using store = await createStore(misspelt())
    const told: StoreEvents['noTexts'][] = []
    store.on('noTexts', (event) => told.push(event))
    await store.putMany(documents(99), { sync: 'wait' })
    expect(told).toEqual([])
    await store.putMany(documents(200), { sync: 'wait' })
    expect(told).toEqual([{ documents: 100, fields: ['txet'] }])
  })

  test('that none of a hundred documents has are told by a warning where nobody listens', async () => {
    await using store = await createStore(misspelt())
    const warned = once(process, 'warning')
    await store.putMany(documents(100), { sync: 'wait' })
    const [warning] = await warned
    expect(warning).toMatchObject({
      name: 'TandemWarning',
      code: 'noTexts',
      message: expect.stringContaining('index.fields'),
    })
  })

  test('that some document has are not told of, nor are documents with paths of their own', async () => {
    await using store = await createStore({ ...misspelt(), index: { fields: ['text'] } })
    const told: unknown[] = []
    store.on('noTexts', (event) => told.push(event))
    for (const index of [false, ['none']] as const)
      await store.putMany(
        documents(100).map((document) => ({ ...document, index })),
        { sync: 'wait' },
      )
    await store.putMany(documents(1), { sync: 'wait' })
    await store.putMany(
      documents(300).map((document) => ({ ...document, value: { other: 1 } })),
      { sync: 'wait' },
    )
    expect(told).toEqual([])
  })
})

describe('a large document', () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `Sentence ${i} is of no great interest. `).join('')
  const options = (embedder = fakeEmbedder({ limits: { maxInputTokens: 512 } })) => ({
    ...{ collection: 'large', kv: memoryKV(), vectors: memoryIndex(), embedder, index: { fields: ['text'] } },
  })

  test('is searchable by each of its parts', async () => {
    await using store = await createStore(options())
    await store.put(['a'], '1', { text: `${text}The end is nigh.` }, { sync: 'wait' })
    const [hit] = await store.search(['a'], { query: text.slice(0, 500) })
    expect(hit?.document.key).toBe('1')
    expect(await store.verify()).toMatchObject({ checked: 1, missing: 0, stale: 0, orphaned: 0 })
    expect((await store.stats()).embeddings?.texts.embedded).toBeGreaterThan(100)
  })

  test('and a small one after it are written in the order of the calls', async () => {
    await using store = await createStore(options())
    const writes = [{ text }, { text: 'small' }, { text }, { text: 'the last' }].map((value) =>
      store.put(['a'], '1', value),
    )
    await Promise.all(writes)
    await store.flush()
    expect((await store.get(['a'], '1'))?.value).toEqual({ text: 'the last' })
    expect(await store.verify()).toMatchObject({ checked: 1, missing: 0, stale: 0, orphaned: 0 })
  })
})
