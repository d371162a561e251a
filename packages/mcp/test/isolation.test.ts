import type { Client } from '@modelcontextprotocol/client'
import type { JsonObject, Store } from '@tandemstore/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerOf, callTool, connect, openStore } from './support.js'

const secret = 'XYZZY-SECRET'
/** Neighbours whose names begin alike, lie above, or hold what a path could be made of. */
const others = [['users', 'annabel'], ['users'], ['users', 'bob'], ['users', 'ann/notes'], ['..'], ['memories']]
const ann = ['users', 'ann']

async function storeOfMany(): Promise<Store> {
  const store = await openStore({ sync: 'wait' })
  for (const namespace of others) {
    await store.put(namespace, 'key', { title: `${secret} title`, text: `${secret} text`, tags: ['t'] })
    await store.put([...namespace, 'notes'], '..', { text: `${secret} deeper` })
  }
  return store
}

/** Everything of the others, as it is stored. */
async function othersOf(store: Store): Promise<unknown[]> {
  const { items } = await store.list([], { limit: 1000 })
  return items.filter(({ namespace }) => !(namespace[0] === 'users' && namespace[1] === 'ann'))
}

const tricks = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '..',
      '.',
      '/',
      '../bob',
      '../../users/bob',
      '*',
      '%2e%2e',
      '%2F',
      'users',
      'bob',
      'ann',
      'annabel',
      'key',
      'notes',
      '[]',
      '["users","bob"]',
      '$',
      '\u0001',
      '\uffff',
      'users\u0000bob',
      '',
      "' OR 1=1 --",
      '__proto__',
      'ann/notes',
      '\\..\\bob',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 12, unit: 'grapheme' }) },
)
const labels = fc.option(fc.array(tricks, { maxLength: 4 }), { nil: undefined })
const filter = fc.constantFrom<JsonObject | undefined>(
  undefined,
  { tags: 't' },
  { $or: [{ tags: 't' }, { text: { $exists: true } }] },
  { $not: { tags: 'none' } },
  { namespace: 'users' },
  { 'namespace[1]': 'bob', __namespace: { $exists: false } },
)
/** Cursors of the form that the store gives, to places of others. */
const cursor = fc.option(
  fc
    .tuple(fc.constantFrom(...others, ann, []), tricks)
    .map((place) => Buffer.from(JSON.stringify([...place, 0])).toString('base64url')),
  { nil: undefined },
)
const extra = fc.constantFrom<JsonObject>({}, {}, {}, { namespace: ['users', 'bob'] }, { prefix: [] }, { user: 'bob' })

const withoutUndefined = (args: Record<string, unknown>): JsonObject => JSON.parse(JSON.stringify(args))
const call = fc
  .oneof(
    fc.record({
      name: fc.constant('memory_save'),
      args: fc.record({
        text: tricks,
        title: fc.option(tricks, { nil: undefined }),
        key: fc.option(tricks, { nil: undefined }),
        labels,
      }),
    }),
    fc.record({
      name: fc.constant('memory_search'),
      args: fc.record({ query: fc.constantFrom(secret, `${secret} text`, 'users bob'), labels, filter }),
    }),
    fc.record({ name: fc.constant('memory_get'), args: fc.record({ key: tricks, labels }) }),
    fc.record({ name: fc.constant('memory_list'), args: fc.record({ labels, filter, cursor }) }),
    fc.record({
      name: fc.constant('memory_update'),
      args: fc.record({ key: tricks, labels, text: fc.constant('overwritten') }),
    }),
    fc.record({ name: fc.constant('memory_delete'), args: fc.record({ key: tricks, labels }) }),
  )
  .chain(({ name, args }) => extra.map((more) => ({ name, args: withoutUndefined({ ...args, ...more }) })))

async function answerTo(client: Client, name: string, args: JsonObject): Promise<string> {
  return JSON.stringify(await callTool(client, name, args).catch((error: Error) => error.message))
}

describe('a model that does what an attacker wants', () => {
  it('reaches no other tenant by any tool, whatever keys, labels, filters and cursors it gives', async () => {
    const store = await storeOfMany()
    const client = await connect(store, { namespace: ann, onError: () => {} })
    const before = await othersOf(store)
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 6 }), async (calls) => {
        for (const { name, args } of calls) {
          // The query itself may come back in an error.
          const { query: _, ...rest } = args
          const answer = await answerTo(client, name, args)
          if (!JSON.stringify(rest).includes(secret)) expect(answer).not.toContain(secret)
        }
        expect(await othersOf(store)).toEqual(before)
      }),
      { numRuns: 150 },
    )
    // What was written lies below, and the tools that read see it.
    expect(await store.count(ann)).toBeGreaterThan(0)
  })

  it('reaches no other tenant by a resource', async () => {
    const store = await storeOfMany()
    const client = await connect(store, { namespace: ann, onError: () => {} })
    await answerOf(client, 'memory_save', { key: 'mine', text: 'my own' })
    const parts = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '%2F',
      '/',
      'users',
      'bob',
      'ann',
      'key',
      'notes',
      '',
      '?',
      '#',
      '//',
      'annabel',
    )
    const uris = fc.oneof(
      fc.array(parts, { maxLength: 6 }).map((path) => `memory:${path.join('/')}`),
      fc.constantFrom(
        'memory://users/bob/key',
        'memory:/',
        'memory:/../',
        'memory:/users/bob/',
        'file:///etc/passwd',
        'memory:../bob/key',
      ),
    )
    await fc.assert(
      fc.asyncProperty(uris, async (uri) => {
        const answer = await client.readResource({ uri }).then(JSON.stringify, (error: Error) => error.message)
        expect(answer).not.toContain(secret)
      }),
      { numRuns: 200 },
    )
    await fc.assert(
      fc.asyncProperty(cursor, async (cursor) => {
        const list = client.listResources(cursor === undefined ? undefined : { cursor })
        expect(await list.then(JSON.stringify, (error: Error) => error.message)).not.toContain(secret)
      }),
    )
    const { resources } = await client.listResources()
    expect(resources.map(({ uri }) => uri)).toEqual(['memory:/', 'memory:mine'])
  })

  it('finds what it named with tricks under the same names again', async () => {
    const store = await openStore({ sync: 'wait' })
    const client = await connect(store, { namespace: ann })
    const name = fc
      .oneof(
        fc.constantFrom('..', '.', '/', 'a/b', '%2F', '?', '#', ' ', '*', '\ufffd'),
        fc.string({ minLength: 1, maxLength: 9, unit: 'grapheme' }),
      )
      .filter((text) => text.isWellFormed() && !text.includes('\0'))
    await fc.assert(
      fc.asyncProperty(fc.array(name, { maxLength: 3 }), name, async (labels, key) => {
        const at = { key, labels }
        await answerOf(client, 'memory_delete', at)
        await answerOf(client, 'memory_save', { ...at, text: 'here' })
        expect((await store.get([...ann, ...labels], key))?.value).toEqual({ text: 'here' })
        expect((await answerOf(client, 'memory_get', at)).value).toEqual({ text: 'here' })
        const uri = `memory:${[...labels, key].map(encodeURIComponent).join('/')}`
        const { contents } = await client.readResource({ uri })
        expect(contents).toMatchObject([{ uri, text: expect.stringMatching(/here$/) }])
      }),
    )
  })
})

describe('a namespace that is a function', () => {
  it.each([
    ['no label', () => []],
    ['no list', () => 'users/ann' as never],
    ['an empty label', () => ['users', '']],
    ['a label that is none', () => ['users', undefined as never]],
    [
      'nothing, as it throws',
      () => {
        throw new Error(`no user, and the password is ${secret}`)
      },
    ],
  ])('that gives %s gives no access', async (_name, namespace) => {
    const store = await storeOfMany()
    const told: unknown[] = []
    const client = await connect(store, { namespace, onError: (error) => told.push(error) })
    const calls: [string, JsonObject][] = [
      ['memory_save', { text: 'x', key: 'new' }],
      ['memory_search', { query: 'text' }],
      ['memory_get', { key: 'key' }],
      ['memory_list', {}],
      ['memory_update', { key: 'key', text: 'x' }],
      ['memory_delete', { key: 'key' }],
    ]
    const before = await othersOf(store)
    for (const [name, args] of calls) {
      const result = await callTool(client, name, args)
      expect(result.isError).toBe(true)
      expect(JSON.stringify(result)).not.toContain(secret)
    }
    for (const answer of [
      client.listResources(),
      client.readResource({ uri: 'memory:/' }),
      client.readResource({ uri: 'memory:key' }),
    ])
      await expect(answer).rejects.toThrow(/Tell the user/)
    expect(told).toHaveLength(calls.length + 3)
    expect(await othersOf(store)).toEqual(before)
  })
})
