import { createStore } from '@tandemstore/core'
import { StoreError } from '@tandemstore/core/adapter'
import { fakeEmbedder } from '@tandemstore/testkit'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type PostgresOptions, postgres, schemaSql } from '../src/index.js'
import { decodeNamespace, encodeNamespace, prefixEnd } from '../src/names.js'
import { inProcess } from './databases.js'

const space = { name: 's', dimensions: 2, metric: 'cosine', filterable: {} } as const

async function database() {
  const made = await inProcess()
  onTestFinished(made.cleanup)
  return made
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return StoreError.isInstance(error) ? error.code : `no StoreError: ${String(error)}`
}

describe('options', () => {
  const client = { query: async () => ({ rows: [] }) }
  test.each([
    ['options', {}],
    ['options', { client, pool: client }],
    ['connectionString', { connectionString: 'mysql://host/db' }],
    ['client', { client: {} }],
    ['schema', { client, schema: 'a"; DROP SCHEMA public; --' }],
    ['schema', { client, schema: 'pg_temp' }],
    ['migrations', { client, migrations: 'no' }],
    ['maxConnections', { connectionString: 'postgres://h/d', maxConnections: 0 }],
    ['colour', { client, colour: 'red' }],
  ])('a wrong one is refused by name: %s', (field, options) => {
    expect(() => postgres(options as PostgresOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', field }),
    )
  })

  test('a server that is not there is UNAVAILABLE, and the address of it with a password is not told', async () => {
    const { kv } = postgres({ connectionString: 'postgres://me:secret@127.0.0.1:1/d' })
    const error: unknown = await kv.open('c').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(String(error)).not.toContain('secret')
  })
})

describe('namespaces as text', () => {
  const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }).filter((text) => !text.includes('\0'))
  const odd = fc.string({
    unit: fc.constantFrom('\u0001', '\u0002', '\u0003', '\u0004', 'a'),
    minLength: 1,
    maxLength: 4,
  })
  const namespace = fc.array(fc.oneof(label, odd), { minLength: 1, maxLength: 4 })

  test('each comes back, is in the range of its prefixes alone, and sorts label by label', () => {
    const bytes = (text: string) => Buffer.from(text)
    const compare = (a: string, b: string) => Math.sign(Buffer.compare(bytes(a), bytes(b)))
    fc.assert(
      fc.property(namespace, namespace, (a, b) => {
        const [x, y] = [encodeNamespace(a), encodeNamespace(b)]
        expect(decodeNamespace(x)).toEqual(a)
        const labels = a.findIndex((each, i) => each !== b[i])
        const expected =
          labels < 0 || labels >= b.length
            ? Math.sign(a.length - b.length)
            : compare(a[labels] as string, b[labels] as string)
        expect(compare(x, y)).toBe(expected)
        const within = compare(x, y) >= 0 && compare(x, prefixEnd(y)) < 0
        expect(within).toBe(b.length <= a.length && b.every((each, i) => each === a[i]))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the schema', () => {
  test('without migrations nothing is made, until what schemaSql gives has been run; once more changes nothing', async () => {
    const { client, another } = await database()
    const { kv, vectors } = another({ schema: 'other', migrations: 'none' })
    expect(await codeOf(kv.open('c'))).toBe('CONFIGURATION')
    expect(await codeOf(vectors.open(space))).toBe('CONFIGURATION')
    await client.exec(schemaSql({ schema: 'other' }))
    const collection = await kv.open('c')
    await client.exec(schemaSql({ schema: 'other' }))
    expect((await collection.clock()).now).toBeGreaterThan(1_600_000_000_000)
    await (await vectors.open(space)).close()
    await collection.close()
  })

  test('one that is newer than the package is refused', async () => {
    const { client, another, kv } = await database()
    await (await kv.open('c')).close()
    await client.exec('UPDATE tandem.schema_version SET version = 99')
    expect(await codeOf(another().kv.open('c'))).toBe('CONFIGURATION')
  })

  test('two schemas have nothing in common', async () => {
    const { another } = await database()
    const [one, two] = [await another({ schema: 'a' }).kv.open('c'), await another({ schema: 'b' }).kv.open('c')]
    const row = {
      namespace: ['n'],
      key: 'k',
      version: '0000000000000001-aaaaaaaaaaaa',
      value: '1',
      createdAt: 1,
      updatedAt: 1,
    }
    await one.put([{ row }])
    expect((await two.list({ prefix: [], limit: 1 })).rows).toEqual([])
    await one.close()
    await two.close()
  })
})

test('names that fit no index fail alone, and nothing of them is kept', async () => {
  const { kv } = await database()
  const collection = await kv.open('c')
  const random = Array.from({ length: 1024 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7919) % 20_000))).join('')
  const rowOf = (key: string) => ({
    namespace: ['n'],
    key,
    version: '0000000000000001-aaaaaaaaaaaa',
    value: '1',
    createdAt: 1,
    updatedAt: 1,
  })
  const outcomes = await collection.put(['a', random, 'b'].map((key) => ({ row: rowOf(key) })))
  expect(outcomes).toMatchObject([
    { status: 'written' },
    { status: 'failed', notWritten: true, error: { code: 'INVALID_ARGUMENT', field: 'key' } },
    { status: 'written' },
  ])
  expect((await collection.list({ prefix: [], limit: 9 })).rows.map(({ key }) => key)).toEqual(['a', 'b'])
  await collection.close()
})

test('a store writes, finds by vectors and by words, deletes, and verifies', async () => {
  const { kv, vectors } = await database()
  const store = await createStore({
    collection: 'notes',
    kv,
    vectors,
    embedder: fakeEmbedder(),
    index: { fields: ['text'], filterable: { lang: 'keyword' }, keywords: true },
    sync: 'wait',
  })
  const texts = ['green tea in the morning', 'a bicycle in the repair shop', 'tea with milk']
  await store.putMany(
    texts.map((text, i) => ({
      namespace: ['users', '42'],
      key: `k${i}`,
      value: { text, lang: i === 2 ? 'de' : 'en' },
    })),
  )
  const keysOf = async (options: Parameters<typeof store.search>[1]) =>
    (await store.search(['users'], options)).map(({ document }) => document.key).sort()
  expect(await keysOf({ query: 'green tea', limit: 1 })).toEqual(['k0'])
  expect(await keysOf({ query: 'tea', mode: 'keyword' })).toEqual(['k0', 'k2'])
  expect(await keysOf({ query: 'tea', mode: 'keyword', filter: { lang: 'de' } })).toEqual(['k2'])
  await store.delete(['users', '42'], 'k0')
  expect(await keysOf({ query: 'tea', mode: 'keyword' })).toEqual(['k2'])
  const report = await store.verify()
  expect(report).toMatchObject({ checked: 2, missing: 0 })
  await store.close()
})
