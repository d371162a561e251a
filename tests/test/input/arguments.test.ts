import type { Store } from '@tandemstore/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Backend, backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { makeRig, type Process, type Rig } from '../../src/rig.ts'

const value = { title: 'red' }
const long = (length: number): string => 'x'.repeat(length)
const surrogate = 'half \ud83d of a pair'
const circular: { self?: unknown } = {}
circular.self = circular

/** A call that is refused: its name, the field that the error names, and the call. Whatever it is given, as a program without types may. */
type Case = readonly [name: string, field: string | RegExp, call: (store: AnyStore) => unknown]
// biome-ignore lint/suspicious/noExplicitAny: what is passed here is wrong on purpose
type AnyStore = { readonly [Name in keyof Store]: (...args: any[]) => Promise<unknown> }

const texts: readonly (readonly [what: string, text: unknown, max: 'label' | 'key' | 'both'])[] = [
  ['empty', '', 'both'],
  ['a number', 1, 'both'],
  ['null', null, 'both'],
  ['undefined', undefined, 'both'],
  ['of 257 characters', long(257), 'label'],
  ['of 1,025 characters', long(1025), 'key'],
  ['a lone surrogate', surrogate, 'both'],
  ['with NUL', 'a\0b', 'both'],
]

const places: Case[] = texts.flatMap(([what, text, which]): Case[] => [
  ...(which === 'key'
    ? []
    : ([
        [`put, a label ${what}`, 'namespace[1]', (store) => store.put(['a', text], 'k', value)],
        [`get, a label ${what}`, 'namespace[0]', (store) => store.get([text], 'k')],
        [`delete, a label ${what}`, 'namespace[0]', (store) => store.delete([text], 'k')],
        [`deleteNamespace, a label ${what}`, 'prefix[0]', (store) => store.deleteNamespace([text])],
        [`search, a label ${what}`, 'prefix[0]', (store) => store.search([text], { query: 'red' })],
        [`list, a label ${what}`, 'prefix[0]', (store) => store.list([text])],
        [`count, a label ${what}`, 'prefix[0]', (store) => store.count([text])],
        [`namespaces, a label ${what}`, 'options.prefix[0]', (store) => store.namespaces({ prefix: [text] })],
        [`verify, a label ${what}`, 'options.prefix[0]', (store) => store.verify({ prefix: [text] })],
      ] satisfies Case[])),
  ...(which === 'label'
    ? []
    : ([
        [`put, a key ${what}`, 'key', (store) => store.put(['a'], text, value)],
        [`get, a key ${what}`, 'key', (store) => store.get(['a'], text)],
        [`delete, a key ${what}`, 'key', (store) => store.delete(['a'], text)],
        [
          `getMany, a key ${what}`,
          'refs[1].key',
          (store) =>
            store.getMany([
              { namespace: ['a'], key: 'k' },
              { namespace: ['a'], key: text },
            ]),
        ],
        [`deleteMany, a key ${what}`, 'refs[0].key', (store) => store.deleteMany([{ namespace: ['a'], key: text }])],
      ] satisfies Case[])),
])

const deep = Array.from({ length: 17 }, () => 'a')
const namespaces: Case[] = [
  ['put, an empty namespace', 'namespace', (store) => store.put([], 'k', value)],
  ['put, no namespace', 'namespace', (store) => store.put(undefined, 'k', value)],
  ['put, a namespace that is a text', 'namespace', (store) => store.put('a', 'k', value)],
  ['put, a namespace of 17 labels', 'namespace', (store) => store.put(deep, 'k', value)],
  ['put, a namespace with a hole', 'namespace[0]', (store) => store.put(new Array(1), 'k', value)],
  ['get, an empty namespace', 'namespace', (store) => store.get([], 'k')],
  ['deleteNamespace of everything', 'prefix', (store) => store.deleteNamespace([])],
  ['deleteNamespace without a prefix', 'prefix', (store) => store.deleteNamespace()],
  ['search without a prefix', 'prefix', (store) => store.search(undefined, { query: 'red' })],
  ['list without a prefix', 'prefix', (store) => store.list()],
  ['count without a prefix', 'prefix', (store) => store.count()],
  ['list, a prefix of 17 labels', 'prefix', (store) => store.list(deep)],
]

let nested: object = {}
for (let depth = 0; depth < 101; depth += 1) nested = { in: nested }
const values: Case[] = (
  [
    ['a text', 'red', 'value'],
    ['an array', [value], 'value'],
    ['null', null, 'value'],
    ['undefined', undefined, 'value'],
    ['circular', circular, 'value.self'],
    ['NaN', { a: [1, Number.NaN] }, 'value.a[1]'],
    ['Infinity', { a: Number.POSITIVE_INFINITY }, 'value.a'],
    ['a BigInt', { a: { b: 1n } }, 'value.a.b'],
    ['a Date', { at: new Date() }, 'value.at'],
    ['undefined inside', { a: undefined }, 'value.a'],
    ['a function', { a: () => {} }, 'value.a'],
    ['a symbol', { a: Symbol('a') }, 'value.a'],
    ['a Map', { a: new Map() }, 'value.a'],
    ['a class instance', { a: new URL('http://localhost') }, 'value.a'],
    ['a typed array', { a: new Uint8Array(2) }, 'value.a'],
    ['a lone surrogate', { a: surrogate }, 'value.a'],
    ['a name with NUL', { 'a\0b': 1 }, 'value'],
    ['over 1 MB', { a: long(1_000_000) }, 'value'],
    ['101 levels deep', nested, /^value(\.in)+$/],
  ] as const
).map(([what, wrong, field]): Case => [`put, a value ${what}`, field, (store) => store.put(['a'], 'k', wrong)])

const badVersion = 'not a version'
const options: Case[] = [
  ...(
    [
      ['put', (store, wrong) => store.put(['a'], 'k', value, wrong)],
      ['putMany', (store, wrong) => store.putMany([], wrong)],
      ['get', (store, wrong) => store.get(['a'], 'k', wrong)],
      ['getMany', (store, wrong) => store.getMany([], wrong)],
      ['delete', (store, wrong) => store.delete(['a'], 'k', wrong)],
      ['deleteMany', (store, wrong) => store.deleteMany([], wrong)],
      ['deleteNamespace', (store, wrong) => store.deleteNamespace(['a'], wrong)],
      ['search', (store, wrong) => store.search([], wrong)],
      ['list', (store, wrong) => store.list([], wrong)],
      ['count', (store, wrong) => store.count([], wrong)],
      ['namespaces', (store, wrong) => store.namespaces(wrong)],
      ['flush', (store, wrong) => store.flush(wrong)],
      ['recover', (store, wrong) => store.recover(wrong)],
      ['verify', (store, wrong) => store.verify(wrong)],
      ['health', (store, wrong) => store.health(wrong)],
      ['close', (store, wrong) => store.close(wrong)],
    ] as const satisfies readonly (readonly [string, (store: AnyStore, wrong: unknown) => unknown])[]
  ).flatMap(([method, call]): Case[] => [
    [`${method}, an unknown option`, 'options.ttl', (store) => call(store, { ttl: 1 })],
    [`${method}, options that are no object`, 'options', (store) => call(store, 1)],
    ...(method === 'close'
      ? []
      : ([
          [`${method}, a signal that is none`, 'options.signal', (store) => call(store, { signal: {} })],
        ] satisfies Case[])),
  ]),
  ['put, a negative TTL', 'options.ttlMs', (store) => store.put(['a'], 'k', value, { ttlMs: -1 })],
  ['put, a TTL of 0', 'options.ttlMs', (store) => store.put(['a'], 'k', value, { ttlMs: 0 })],
  ['put, half a millisecond', 'options.ttlMs', (store) => store.put(['a'], 'k', value, { ttlMs: 1.5 })],
  ['put, an unknown mode', 'options.sync', (store) => store.put(['a'], 'k', value, { sync: 'now' })],
  ['put, index: true', 'options.index', (store) => store.put(['a'], 'k', value, { index: true })],
  ['put, a path that is none', 'options.index[1]', (store) => store.put(['a'], 'k', value, { index: ['a', 'a..b'] })],
  ['put, a path to a prototype', 'options.index[0]', (store) => store.put(['a'], 'k', value, { index: ['__proto__'] })],
  [
    'put, a version that is none',
    'options.ifVersion',
    (store) => store.put(['a'], 'k', value, { ifVersion: badVersion }),
  ],
  ['put, ifAbsent that is no boolean', 'options.ifAbsent', (store) => store.put(['a'], 'k', value, { ifAbsent: 1 })],
  [
    'delete, a version that is none',
    'options.ifVersion',
    (store) => store.delete(['a'], 'k', { ifVersion: badVersion }),
  ],
  ['getMany, no list', 'refs', (store) => store.getMany({})],
  ['deleteMany, no list', 'refs', (store) => store.deleteMany({})],
  ['putMany, nothing to iterate', 'documents', (store) => store.putMany({})],
  ['putMany, a text', 'documents', (store) => store.putMany('documents')],
  ['putMany, onProgress that is no function', 'options.onProgress', (store) => store.putMany([], { onProgress: 1 })],
  ['get, refreshTtl that is no boolean', 'options.refreshTtl', (store) => store.get(['a'], 'k', { refreshTtl: 1 })],
  ['recover, retryFailed that is no boolean', 'options.retryFailed', (store) => store.recover({ retryFailed: 1 })],
  ['verify, repair that is no boolean', 'options.repair', (store) => store.verify({ repair: 'yes' })],
  ['close, a negative time', 'options.timeoutMs', (store) => store.close({ timeoutMs: -1 })],
]

const pages: Case[] = [
  ...[0, -1, 1.5, 1001, Number.NaN, '10'].flatMap((limit): Case[] => [
    [`search, limit ${limit}`, 'options.limit', (store) => store.search([], { query: 'red', limit })],
    [`list, limit ${limit}`, 'options.limit', (store) => store.list([], { limit })],
    [`namespaces, limit ${limit}`, 'options.limit', (store) => store.namespaces({ limit })],
  ]),
  ...[-1, 0.5, 991, Number.NaN].map(
    (offset): Case => [
      `search, offset ${offset}`,
      'options.offset',
      (store) => store.search([], { query: 'red', offset }),
    ],
  ),
  ...['', 'no cursor', 7, 'W10', 'e30'].map(
    (cursor): Case => [`list, cursor ${JSON.stringify(cursor)}`, 'cursor', (store) => store.list([], { cursor })],
  ),
  ...[-1, 0.5, Number.NaN, '1'].flatMap((offset): Case[] => [
    [`list, offset ${offset}`, 'options.offset', (store) => store.list([], { offset })],
    [`namespaces, offset ${offset}`, 'options.offset', (store) => store.namespaces({ offset })],
  ]),
  ...['', 'no cursor', 7, 'W10', 'e30'].flatMap((cursor): Case[] => [
    [`search, cursor ${cursor}`, 'cursor', (store) => store.search([], { query: 'red', cursor })],
    [`search without a query, cursor ${cursor}`, 'cursor', (store) => store.search([], { cursor })],
    [`namespaces, cursor ${cursor}`, 'cursor', (store) => store.namespaces({ cursor })],
  ]),
  ['search, an offset beside a cursor', 'options.offset', (store) => store.search([], { cursor: 'W10', offset: 1 })],
  ['list, an offset beside a cursor', 'options.offset', (store) => store.list([], { cursor: 'W10', offset: 1 })],
  [
    'namespaces, an offset beside a cursor',
    'options.offset',
    (store) => store.namespaces({ cursor: 'W10', offset: 1 }),
  ],
  [
    'search, unscored that is neither',
    'options.unscored',
    (store) => store.search([], { query: 'red', unscored: 'all' }),
  ],
  ['namespaces, match that is no list', 'options.match', (store) => store.namespaces({ match: { prefix: ['a'] } })],
  [
    'namespaces, a match of nothing',
    'options.match[1]',
    (store) => store.namespaces({ match: [{ prefix: ['a'] }, {}] }),
  ],
  [
    'namespaces, a match by what there is not',
    'options.match[0].middle',
    (store) => store.namespaces({ match: [{ middle: ['a'] }] }),
  ],
  [
    'namespaces, a match of no labels',
    'options.match[0].suffix',
    (store) => store.namespaces({ match: [{ suffix: 'a' }] }),
  ],
  [
    'namespaces, a match of an empty label',
    'options.match[0].prefix[1]',
    (store) => store.namespaces({ match: [{ prefix: ['a', ''] }] }),
  ],
  [
    'namespaces, over 100 matches',
    'options.match',
    (store) => store.namespaces({ match: new Array(101).fill({ prefix: ['a'] }) }),
  ],
  ['namespaces, maxDepth 0', 'options.maxDepth', (store) => store.namespaces({ maxDepth: 0 })],
  ['search, minScore NaN', 'options.minScore', (store) => store.search([], { query: 'red', minScore: Number.NaN })],
  ['search, an empty query', 'options.query', (store) => store.search([], { query: ' ' })],
  ['search, a query of a number', 'options.query', (store) => store.search([], { query: 1 })],
  ['search, a lone surrogate', 'options.query', (store) => store.search([], { query: surrogate })],
  ['search, query and vector', 'options.vector', (store) => store.search([], { query: 'red', vector: [1] })],
  ['search, a short vector', 'options.vector', (store) => store.search([], { vector: [1, 2, 3] })],
  ['search, a long vector', 'options.vector', (store) => store.search([], { vector: new Float32Array(65) })],
  [
    'search, NaN in the vector',
    'options.vector',
    (store) => store.search([], { vector: new Array(64).fill(Number.NaN) }),
  ],
  ['search, a vector of texts', 'options.vector', (store) => store.search([], { vector: new Array(64).fill('a') })],
  ['search, minScore without a query', 'options.minScore', (store) => store.search([], { minScore: 0.5 })],
  ['search, after that is no receipt', 'options.after', (store) => store.search([], { query: 'red', after: {} })],
]

/** As deep as it says. */
function nots(depth: number): unknown {
  return depth === 0 ? { a: 1 } : { $not: nots(depth - 1) }
}
const filters: Case[] = (
  [
    ['an unknown operator', { a: { $like: 'x' } }, 'filter.a.$like'],
    ['an unknown operator at the top', { $nor: [] }, 'filter.$nor'],
    ['a path to a prototype', { '__proto__.a': 1 }, 'filter.__proto__.a'],
    ['a path to a constructor', { constructor: 1 }, 'filter.constructor'],
    ['an array as operand', { a: [1] }, 'filter.a'],
    ['an empty $and', { $and: [] }, 'filter.$and'],
    ['an empty $or', { $or: [] }, 'filter.$or'],
    ['an empty $in', { a: { $in: [] } }, 'filter.a.$in'],
    ['NaN', { a: Number.NaN }, 'filter.a'],
    ['undefined', { a: undefined }, 'filter.a'],
    ['an object instead of a path', { a: { b: 'x' } }, 'filter.a.b'],
    ['a date range on a path that is not declared', { a: { $gt: '2026-01-01' } }, 'filter.a.$gt'],
    ['17 levels', nots(17), /^filter(\.\$not)+/],
    ['over 1,000 conditions', { $or: Array.from({ length: 1001 }, (_, a) => ({ a })) }, /^filter\.\$or\[/],
    ['an array', [], 'filter'],
    ['a text', 'a = 1', 'filter'],
  ] as const
).flatMap(([what, filter, field]): Case[] => [
  [`search, a filter: ${what}`, field, (store) => store.search([], { query: 'red', filter })],
  [`list, a filter: ${what}`, field, (store) => store.list([], { filter })],
  [`count, a filter: ${what}`, field, (store) => store.count([], { filter })],
])

describe.each(backendKinds)('bad input, $name', ({ make }) => {
  let backend: Backend
  let rig: Rig
  let process: Process

  beforeAll(async () => {
    backend = await make()
    rig = await makeRig(backend)
    process = await rig.start()
  })
  afterAll(async () => {
    expect(await rig.raw.rows()).toEqual([])
    expect(await rig.raw.points()).toEqual([])
    expect(await rig.raw.intents()).toEqual([])
    await rig.end()
    await backend.cleanup()
  })

  const calls = (): number => process.kv.calls.length + process.vectors.calls.length + process.embedder.calls.length

  test.each([...places, ...namespaces, ...values, ...options, ...pages, ...filters])(
    '%s: INVALID_ARGUMENT names %s',
    async (_, field, call) => {
      const before = calls()
      const error = await rejection(async () => call(process.store as unknown as AnyStore), 'INVALID_ARGUMENT')
      if (typeof field === 'string') expect(error.field).toBe(field)
      else expect(error.field).toMatch(field)
      expect(error.message).toContain(error.field)
      expect(error.retryable).toBe(false)
      expect(calls()).toBe(before)
      expect((await process.store.stats()).index).toMatchObject({ pending: 0 })
    },
  )

  test.each(values)('%s: the error names the document', async (_, _field, call) => {
    const error = await rejection(async () => call(process.store as unknown as AnyStore), 'INVALID_ARGUMENT')
    expect(error).toMatchObject({ namespace: ['a'], key: 'k' })
  })
})
