import { InvalidNamespaceError, type Operation } from '@langchain/langgraph-checkpoint'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ComposedOptions, TandemStore } from '../src/index.js'
import { type Backend, keysOf, openStore } from './backends.js'

/** What LangGraph asks of a store, on one kind of database. */
export function describeContract(name: string, make: () => Promise<Backend>, { keepsCreatedAt = true } = {}): void {
  describe(`TandemStore, ${name}`, () => {
    let backend: Backend
    const stores: TandemStore[] = []
    beforeAll(async () => {
      backend = await make()
    })
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.stop()
    })
    afterAll(() => backend?.cleanup?.())

    const open = async (options?: Partial<ComposedOptions>) => {
      const opened = await openStore(backend, options)
      stores.push(opened.store)
      return opened
    }

    it('keeps an item, changes it and deletes it', async () => {
      const { store } = await open()
      expect(await store.get(['users', '1'], 'a')).toBeNull()
      await store.put(['users', '1'], 'a', { text: 'first', deep: { list: [1, null, { x: true }] } })
      const first = await store.get(['users', '1'], 'a')
      expect(first).toEqual({
        namespace: ['users', '1'],
        key: 'a',
        value: { text: 'first', deep: { list: [1, null, { x: true }] } },
        createdAt: expect.any(Date),
        updatedAt: expect.any(Date),
      })
      await store.delete(['users', '1'], 'a')
      await store.delete(['users', '1'], 'never there')
      expect(await store.get(['users', '1'], 'a')).toBeNull()
      expect(await store.search(['users'], { query: 'first' })).toEqual([])
      expect(await store.listNamespaces()).toEqual([])
    })

    it('dates each put of an item later than the one before', async () => {
      const { store } = await open()
      const dates: number[] = []
      const created = new Set<number>()
      for (let i = 0; i < 5; i += 1) {
        await store.put(['n'], 'a', { i }, false)
        const item = await store.get(['n'], 'a')
        dates.push(item?.updatedAt.getTime() ?? Number.NaN)
        created.add(item?.createdAt.getTime() ?? Number.NaN)
      }
      expect(dates).toEqual([...new Set(dates)].sort((a, b) => a - b))
      expect([...created]).toEqual(keepsCreatedAt ? dates.slice(0, 1) : dates)
    })

    it('lets each operation of a batch see what those before it did', async () => {
      const { store } = await open()
      const put = (key: string, value: Record<string, unknown> | null) => ({ namespace: ['n'], key, value })
      const get = (key: string) => ({ namespace: ['n'], key })
      const search = { namespacePrefix: ['n'], query: 'tea', limit: 10, offset: 0 }
      const results: unknown[] = await store.batch([
        get('a'),
        put('a', { text: 'old' }),
        put('a', { text: 'green tea' }),
        put('b', { text: 'black tea' }),
        get('a'),
        search,
        put('b', null),
        put('c', null),
        put('c', { text: 'white tea' }),
        search,
        get('b'),
        { limit: 10, offset: 0 },
      ] as Operation[])
      expect(results).toHaveLength(12)
      expect(Object.keys(results)).toHaveLength(12)
      expect(results[0]).toBeNull()
      expect(results.slice(1, 4)).toEqual([undefined, undefined, undefined])
      expect(results[4]).toMatchObject({ key: 'a', value: { text: 'green tea' } })
      expect(keysOf(results[5] as { key: string }[]).sort()).toEqual(['a', 'b'])
      expect(keysOf(results[9] as { key: string }[]).sort()).toEqual(['a', 'c'])
      expect(results[10]).toBeNull()
      expect(results[11]).toEqual([['n']])
      expect(await store.batch([])).toEqual([])
    })

    it('embeds the texts of a batch together', async () => {
      const { store, embedder } = await open()
      const puts = Array.from({ length: 300 }, (_, i) => ({
        namespace: ['n', `${i % 7}`],
        key: `${i}`,
        value: { text: `item number ${i}` },
      }))
      await store.batch(puts)
      // Three, where nothing else keeps the processor busy.
      expect(embedder.calls.flatMap(({ texts }) => texts)).toHaveLength(300)
      expect(embedder.calls.length).toBeLessThan(60)
      const items = await store.batch(puts.map(({ namespace, key }) => ({ namespace, key })))
      expect(items.map((item) => item?.value)).toEqual(puts.map(({ value }) => value))
    })

    it('ranks by a query, filters while it searches, and goes on from an offset', async () => {
      const { store } = await open()
      await store.batch(
        Array.from({ length: 60 }, (_, i) => ({
          namespace: ['n', `${i % 3}`],
          key: `${i}`.padStart(2, '0'),
          value: { text: `tea ${'leaf '.repeat(i)}`, kind: i < 55 ? 'common' : 'rare', size: i },
        })),
      )
      const all = await store.search(['n'], { query: 'tea', limit: 60 })
      expect(all).toHaveLength(60)
      const scores = all.map(({ score }) => score ?? Number.NaN)
      expect(scores).toEqual([...scores].sort((a, b) => b - a))
      expect(all[0]?.key).toBe('00')
      expect(keysOf(await store.search(['n'], { query: 'tea', limit: 7, offset: 5 }))).toEqual(keysOf(all.slice(5, 12)))
      expect(await store.search(['n'], { query: 'tea' })).toHaveLength(10)
      expect(await store.search(['n'], { query: 'tea', limit: 0 })).toEqual([])

      const rare = await store.search(['n'], { query: 'tea', limit: 5, filter: { kind: 'rare' } })
      expect(keysOf(rare).sort()).toEqual(['55', '56', '57', '58', '59'])
      const some = await store.search(['n', '1'], {
        query: 'tea',
        limit: 100,
        filter: { kind: { $ne: 'rare' }, size: { $gte: 10, $lt: 20 } },
      })
      expect(keysOf(some).sort()).toEqual(['10', '13', '16', '19'])
    })

    it('ranks more items than a store gives at a time', async () => {
      const { store } = await open()
      const puts = Array.from({ length: 1100 }, (_, i) => ({
        namespace: ['n'],
        key: `${10_000 + i}`,
        value: { text: `tea ${i}` },
      }))
      await store.batch(puts)
      const all = await store.search(['n'], { query: 'tea', limit: 2000 })
      expect(keysOf(all).sort()).toEqual(puts.map(({ key }) => key))
      expect(await store.search(['n'], { query: 'tea', limit: 10, offset: 1095 })).toEqual(all.slice(1095))
    })

    it('lists by namespace and key where there is no query', async () => {
      const { store } = await open()
      const names = ['b', 'a', 'c']
      await store.batch(
        names.flatMap((name) =>
          Array.from({ length: 4 }, (_, i) => ({
            namespace: ['n', name],
            key: `k${3 - i}`,
            value: { i: 3 - i, name },
          })),
        ),
      )
      const all = await store.search(['n'], { limit: 100 })
      expect(all.map(({ namespace, key }) => `${namespace[1]}${key}`)).toEqual(
        ['a', 'b', 'c'].flatMap((name) => ['k0', 'k1', 'k2', 'k3'].map((key) => name + key)),
      )
      expect(all[0]).not.toHaveProperty('score')
      expect(await store.search([], { limit: 4, offset: 6 })).toEqual(all.slice(6, 10))
      expect(await store.search(['n', 'b'], { filter: { i: { $lte: 1 } } })).toEqual(all.slice(4, 6))
      expect(await store.search(['elsewhere'])).toEqual([])
      expect(await store.search(['n'], { query: '  ', limit: 100 })).toEqual(all)
    })

    it('lists namespaces by prefix, suffix, wildcard and depth', async () => {
      const { store } = await open()
      const namespaces = [['a', 'b', 'c'], ['a', 'b', 'd'], ['a', 'x', 'c'], ['b', 'b'], ['z']] // biome-ignore format: a list
      await store.batch(namespaces.map((namespace) => ({ namespace, key: 'k', value: {} })))
      expect(await store.listNamespaces()).toEqual(namespaces)
      expect(await store.listNamespaces({ prefix: ['a', 'b'] })).toEqual(namespaces.slice(0, 2))
      expect(await store.listNamespaces({ prefix: ['a', '*', 'c'] })).toEqual([namespaces[0], namespaces[2]])
      expect(await store.listNamespaces({ suffix: ['c'] })).toEqual([namespaces[0], namespaces[2]])
      expect(await store.listNamespaces({ suffix: ['b', '*'] })).toEqual([...namespaces.slice(0, 2), ['b', 'b']])
      expect(await store.listNamespaces({ prefix: ['a'], suffix: ['*', 'd'] })).toEqual([namespaces[1]])
      expect(await store.listNamespaces({ maxDepth: 2 })).toEqual([['a', 'b'], ['a', 'x'], ['b', 'b'], ['z']])
      expect(await store.listNamespaces({ maxDepth: 1, suffix: ['c'] })).toEqual([['a']])
      expect(await store.listNamespaces({ limit: 2, offset: 1 })).toEqual(namespaces.slice(1, 3))
      expect(await store.listNamespaces({ offset: 5 })).toEqual([])
      expect(await store.listNamespaces({ prefix: ['nobody'] })).toEqual([])
    })

    it('keeps tenants apart, whatever their names', async () => {
      const { store } = await open()
      const names = ['acme', 'acme-corp', 'acme%', 'acm_', 'acme*', "acme'--", 'acme"', 'acme\\', 'acme/x', 'ACME', 'acmé', 'acme\u0301', 'acme ', ' acme', 'acme\n', '1', '10', '[0]', '$', '{}', '🦊', '🦊🦊', '__proto__', 'constructor', 'ac', '\ud7ff', '\ue000', '😀'] // biome-ignore format: a list
      await store.batch(names.map((name) => ({ namespace: [name], key: 'k', value: { text: 'a secret', name } })))
      for (const name of names) {
        for (const options of [{}, { query: 'secret' }, { filter: { text: 'a secret' } }, { query: 'secret', filter: { text: 'a secret' } }]) // biome-ignore format: a list
          expect((await store.search([name], { limit: 100, ...options })).map(({ value }) => value.name)).toEqual([
            name,
          ])
        const listed = await store.listNamespaces({ prefix: [name] })
        // A label that is a wildcard means any label, in LangGraph.
        if (name !== '*') expect(listed).toEqual([[name]])
      }
      expect(await store.search([], { query: 'secret', limit: 100 })).toHaveLength(names.length)
    })

    it.each(['omit', 'append'] as const)('knows items without a vector: %s', async (unindexed) => {
      const { store } = await open({ unindexed })
      await store.put(['n'], 'tea', { text: 'green tea' })
      await store.put(['n'], 'hidden', { text: 'green tea' }, false)
      await store.put(['n'], 'other', { text: 'nothing', title: 'green tea' }, ['title'])
      await store.put(['n'], 'textless', { number: 1 })
      const found = await store.search(['n'], { query: 'green tea' })
      expect(keysOf(found.slice(0, 2)).sort()).toEqual(['other', 'tea'])
      expect(keysOf(found.slice(2))).toEqual(unindexed === 'append' ? ['hidden', 'textless'] : [])
      expect(found.map((item) => 'score' in item)).toEqual(found.map((_, i) => i < 2))
      const page = await store.search(['n'], { query: 'green tea', offset: 1, limit: 2 })
      expect(page).toEqual(found.slice(1, 3))
      const filtered = await store.search(['n'], { query: 'green tea', filter: { number: 1 } })
      expect(keysOf(filtered)).toEqual(unindexed === 'append' ? ['textless'] : [])
    })

    it('finds after a search has waited, where puts do not wait', async () => {
      const { store } = await open({ visibility: 'search' })
      await store.batch(
        Array.from({ length: 50 }, (_, i) => ({ namespace: ['n'], key: `${i}`, value: { text: `tea ${i}` } })),
      )
      await store.put(['n'], 'last', { text: 'tea' })
      expect(await store.search(['n'], { query: 'tea', limit: 100 })).toHaveLength(51)
      await store.delete(['n'], 'last')
      expect(await store.search(['n'], { query: 'tea', limit: 100 })).toHaveLength(50)
    })

    it('refuses namespaces by the error of LangGraph, before anything is written', async () => {
      const { store } = await open()
      const value = { text: 'x' }
      for (const namespace of [[], ['a', ''], ['a.b'], ['langgraph', 'x'], [1 as unknown as string], ['x'.repeat(257)]]) // biome-ignore format: a list
        await expect(store.put(namespace, 'k', value)).rejects.toThrow(InvalidNamespaceError)
      for (const label of ['', 'a\0', '\ud800', 'x'.repeat(257), 7 as unknown as string]) {
        const bad = { namespace: ['a', label], key: 'k' }
        for (const operation of [bad, { ...bad, value }, { namespacePrefix: bad.namespace, limit: 1, offset: 0 }]) {
          const batch = [{ namespace: ['ok'], key: 'k', value }, operation] as Operation[]
          await expect(store.batch(batch)).rejects.toThrow(InvalidNamespaceError)
        }
      }
      await expect(store.batch([{ namespace: Array(17).fill('a'), key: 'k', value }])).rejects.toThrow(/16 labels/)
      await expect(store.batch([{ namespace: [], key: 'k', value }])).rejects.toThrow('Namespace cannot be empty')
      expect(await store.search([])).toEqual([])
      // As in InMemoryStore, only put() guards the root that LangGraph keeps to itself; and Tandem can keep every label.
      await store.batch([{ namespace: ['langgraph', 'v1.2', 'a:b'], key: 'k', value }])
      expect(await store.get(['langgraph'], 'k')).toBeNull()
      expect(keysOf(await store.search(['langgraph'], { query: 'x' }))).toEqual(['k'])
    })
  })
}
