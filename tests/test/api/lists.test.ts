import type { Namespace } from '@tandemstore/core'
import { compareRefs } from '@tandemstore/core/adapter'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Backend, backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { allItems } from '../../src/pages.ts'
import { makeRig, type Rig } from '../../src/rig.ts'

/** In the order of UTF-8 bytes, which is neither that of UTF-16 units nor that of any language. */
const ordered = [
  '\u0001',
  '!',
  '/',
  '10',
  '9',
  'B',
  'a',
  'a!',
  'aa',
  'b',
  '\u00e9',
  '\ud7ff',
  '\ufb00',
  '\uffef',
  '\u{10000}',
  '\u{1f600}',
]

describe.each(backendKinds)('list and namespaces, $name', ({ make }) => {
  let backend: Backend
  let rig: Rig
  let store: Awaited<ReturnType<Rig['start']>>['store']
  const namespaces: Namespace[] = [
    ...ordered.map((label) => [label]),
    ...ordered.map((label) => ['a', label]),
    ['a', 'b', 'c'],
    ['memories', 'ana', 'facts'],
    ['memories', 'ana', 'plans'],
    ['memories', 'bob', 'facts'],
    ['memories', 'bo', 'facts', 'old'],
  ]

  beforeAll(async () => {
    backend = await make()
    rig = await makeRig(backend)
    store = (await rig.start({ sync: 'manual' })).store
    await store.putMany(
      namespaces.flatMap((namespace) =>
        ordered.map((key, n) => ({ namespace, key, value: { title: key, n, even: n % 2 === 0 } })),
      ),
    )
    const gone = ['expired']
    await store.put(gone, '1', { title: 'red' })
    await store.delete(gone, '1')
  })
  afterAll(async () => {
    await rig.end()
    await backend.cleanup()
  })

  test.each([1, 7, 16, 1000])('list gives every document once, in order, by pages of %d', async (limit) => {
    const prefix = limit === 1 ? ['a', 'b'] : []
    const documents = await allItems((cursor) => store.list(prefix, { limit, cursor }), limit)
    const under = namespaces.filter((each) => prefix.every((label, i) => each[i] === label))
    expect(documents).toHaveLength(under.length * ordered.length)
    expect([...documents].sort(compareRefs)).toEqual(documents)
    const inOrder = documents.filter(({ namespace }) => namespace.length === 2 && namespace[1] === 'b')
    expect(inOrder.map(({ key }) => key)).toEqual(ordered)
  })

  test('namespaces come in the order of their UTF-8 bytes, label by label', async () => {
    const found = await allItems((cursor) => store.namespaces({ limit: 5, cursor }), 5)
    expect(found.filter(({ length }) => length === 1).map(([label]) => label)).toEqual(ordered)
    const at = found.findIndex(([first]) => first === 'a')
    expect(found.slice(at, at + 1 + ordered.length + 1)).toEqual([
      ['a'],
      ...ordered.flatMap((label) =>
        label === 'b'
          ? [
              ['a', 'b'],
              ['a', 'b', 'c'],
            ]
          : [['a', label]],
      ),
    ])
    expect(found).toHaveLength(namespaces.length)
  })

  test('a list filters, and a page may be short and still go on', async () => {
    const documents = await allItems(
      (cursor) => store.list(['a'], { filter: { even: true, n: { $lt: 6 } }, limit: 4, cursor }),
      4,
    )
    expect(documents).toHaveLength((ordered.length + 2) * 3)
    expect(new Set(documents.map(({ value }) => value.n))).toEqual(new Set([0, 2, 4]))
    expect((await store.list(['a'], { filter: { n: 99 } })).items).toEqual([])
  })

  test.each([0, 1, 15, 16, 100, 10_000])(
    'a list goes on behind an offset of %d, with and without a filter',
    async (offset) => {
      for (const filter of [undefined, { even: true }]) {
        const whole = await allItems((cursor) => store.list([], { filter, limit: 1000, cursor }), 1000)
        const rest = await allItems(
          (cursor) => store.list([], { filter, limit: 7, ...(cursor === undefined ? { offset } : { cursor }) }),
          7,
        )
        expect(rest).toEqual(whole.slice(offset))
      }
    },
  )

  test('an offset that one call does not reach goes along in the cursor', async () => {
    const many = Array.from({ length: 6000 }, (_, n) => ({
      namespace: ['far'],
      key: String(n).padStart(4, '0'),
      value: { n },
    }))
    await store.putMany(many)
    const filter = { n: { $gte: 100 } }
    const rest = await allItems(
      (cursor) => store.list(['far'], { filter, ...(cursor === undefined ? { offset: 5800 } : { cursor }) }),
      100,
    )
    expect(rest.map(({ key }) => key)).toEqual(many.slice(5900).map(({ key }) => key))
    await store.deleteNamespace(['far'])
  })

  test('match: every condition holds, and * stands for any label', async () => {
    const of = async (options: Parameters<typeof store.namespaces>[0]) => (await store.namespaces(options)).items
    expect(await of({ match: [{ prefix: ['memories', '*', 'facts'] }] })).toEqual([
      ['memories', 'ana', 'facts'],
      ['memories', 'bo', 'facts', 'old'],
      ['memories', 'bob', 'facts'],
    ])
    expect(await of({ match: [{ prefix: ['memories', '*', 'facts'], suffix: ['*', 'facts'] }] })).toEqual([
      ['memories', 'ana', 'facts'],
      ['memories', 'bob', 'facts'],
    ])
    expect(await of({ prefix: ['memories', 'ana'], match: [{ prefix: ['*', 'ana'] }, { suffix: ['plans'] }] })).toEqual(
      [['memories', 'ana', 'plans']],
    )
    expect(await of({ match: [{ suffix: ['*', '*', '*', '*'] }] })).toEqual([['memories', 'bo', 'facts', 'old']])
    expect(await of({ match: [{ prefix: ['a'] }, { prefix: ['b'] }] })).toEqual([])
    expect(await of({ match: [], limit: 1 })).toEqual(await of({ limit: 1 }))
    // In `prefix` and `suffix` it is a label like any other.
    expect(await of({ prefix: ['*'] })).toEqual([])
    expect(await of({ suffix: ['*'] })).toEqual([])
  })

  test('prefix, suffix and maxDepth', async () => {
    const of = async (options: Parameters<typeof store.namespaces>[0]) => (await store.namespaces(options)).items
    expect(await of({ prefix: ['memories', 'bo'] })).toEqual([['memories', 'bo', 'facts', 'old']])
    expect(await of({ prefix: ['memories'], maxDepth: 2 })).toEqual([
      ['memories', 'ana'],
      ['memories', 'bo'],
      ['memories', 'bob'],
    ])
    expect(await of({ suffix: ['facts'] })).toEqual([
      ['memories', 'ana', 'facts'],
      ['memories', 'bob', 'facts'],
    ])
    expect(await of({ prefix: ['memories'], suffix: ['facts'], maxDepth: 2 })).toEqual([
      ['memories', 'ana'],
      ['memories', 'bob'],
    ])
    expect(await of({ prefix: ['memories'], maxDepth: 1 })).toEqual([['memories']])
    expect(await of({ prefix: ['none'] })).toEqual([])
    expect(await of({ prefix: ['expired'] })).toEqual([])
    expect((await of({ maxDepth: 1 })).map(([label]) => label)).toEqual([
      ...ordered.slice(0, 10),
      'memories',
      ...ordered.slice(10),
    ])
  })

  test('namespaces with a suffix, cut, give each once also across pages', async () => {
    const found = await allItems(
      (cursor) => store.namespaces({ prefix: ['memories'], suffix: ['facts'], maxDepth: 2, limit: 1, cursor }),
      1,
    )
    expect(found).toEqual([
      ['memories', 'ana'],
      ['memories', 'bob'],
    ])
    const cutOnly = { suffix: ['facts'], maxDepth: 1, limit: 1 }
    expect(await allItems((cursor) => store.namespaces({ ...cutOnly, cursor }), 1)).toEqual([['memories']])
    const cut = await allItems((cursor) => store.namespaces({ maxDepth: 1, limit: 3, cursor }), 3)
    expect(cut).toHaveLength(ordered.length + 1)
  })

  test('a cursor goes on after its place, whatever was written or deleted meanwhile', async () => {
    const first = await store.list(['memories'], { limit: 20 })
    const last = first.items.at(-1)
    await store.delete(last?.namespace ?? [], last?.key ?? '')
    await store.put(['memories', 'ana', 'a before'], '1', { title: 'red' })
    const rest = await allItems((cursor) => store.list(['memories'], { cursor: cursor ?? first.cursor }), 100)
    expect(rest).toHaveLength(4 * ordered.length - 20)
    expect(compareRefs(rest[0] as (typeof rest)[0], last as (typeof rest)[0])).toBeGreaterThan(0)
    await store.delete(['memories', 'ana', 'a before'], '1')
    await store.put(last?.namespace ?? [], last?.key ?? '', last?.value ?? {})
  })

  test('a cursor of another prefix, or of another list, is refused', async () => {
    const { cursor } = await store.list(['a'], { limit: 1 })
    expect((await rejection(store.list(['memories'], { cursor }), 'INVALID_ARGUMENT')).field).toBe('cursor')
    const { cursor: ofNamespaces } = await store.namespaces({ limit: 1 })
    await rejection(store.list([], { cursor: ofNamespaces }), 'INVALID_ARGUMENT')
  })

  test('documents say when they were made and changed', async () => {
    const before = Date.now()
    await store.put(['times'], '1', { title: 'red' })
    const made = await store.get(['times'], '1')
    await store.put(['times'], '1', { title: 'blue' })
    const changed = await store.get(['times'], '1')
    expect(made?.createdAt.getTime()).toBeGreaterThanOrEqual(before)
    expect(changed?.createdAt).toEqual(made?.createdAt)
    expect(changed?.updatedAt.getTime()).toBeGreaterThanOrEqual(made?.updatedAt.getTime() as number)
    expect((changed?.version ?? '') > (made?.version ?? '')).toBe(true)
    expect(Object.keys(changed ?? {}).sort()).toEqual([
      'createdAt',
      'key',
      'namespace',
      'updatedAt',
      'value',
      'version',
    ])
    await store.deleteNamespace(['times'])
    expect(await store.get(['times'], '1')).toBeUndefined()
  })
})
