import { type Store, StoreError } from '@tandemstore/core'
import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'

describe.each(backendKinds)('refusals, $name', (kind) => {
  const rig = useRig(kind)

  test('every method of a closed store is refused with CLOSED, before any I/O', async () => {
    const { store, kv, vectors } = await rig.current.start()
    const receipt = await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    await store.close()
    const before = [kv.calls.length, vectors.calls.length]
    const uses: readonly ((store: Store) => Promise<unknown>)[] = [
      (s) => s.put(['a'], '1', { title: 'red' }),
      (s) => s.putMany([{ namespace: ['a'], key: '1', value: { title: 'red' } }]),
      (s) => s.get(['a'], '1'),
      (s) => s.getMany([{ namespace: ['a'], key: '1' }]),
      (s) => s.delete(['a'], '1'),
      (s) => s.deleteMany([{ namespace: ['a'], key: '1' }]),
      (s) => s.deleteNamespace(['a']),
      (s) => s.search([], { query: 'red', after: receipt }),
      (s) => s.list([]),
      (s) => s.namespaces(),
      (s) => s.flush(),
      (s) => s.recover(),
      (s) => s.verify(),
      (s) => s.stats(),
      (s) => s.health(),
    ]
    for (const use of uses) await rejection(use(store), 'CLOSED')
    expect([kv.calls.length, vectors.calls.length]).toEqual(before)
    await store.close()
  })

  test('putMany of thousands with bad ones among them says which and why, and stores the others', async () => {
    const { store } = await rig.current.start()
    const count = 3000
    const bad = new Map<number, object>([
      [0, { namespace: [], key: 'k0', value: { title: 'red' } }],
      [999, { namespace: ['a'], key: '', value: { title: 'red' } }],
      [1500, { namespace: ['a'], key: 'k1500', value: { at: new Date() } }],
      [2000, { namespace: ['a'], key: 'k2000', value: { title: 'red' }, ttlMs: -1 }],
      [2001, { namespace: ['a'], key: 'k2001', value: { title: 'red' }, ttl: 1 }],
      [2999, { namespace: ['a'], key: 'k2999' }],
    ])
    const documents = Array.from(
      { length: count },
      (_, i) => bad.get(i) ?? { namespace: ['a'], key: `k${i}`, value: { title: `red ${i % 50}` } },
    )
    const { written, failed, indexed } = await store.putMany(documents as Parameters<Store['putMany']>[0])
    expect(written).toBe(count - bad.size)
    expect(failed.map(({ key, error }) => [key, error.code, error.field])).toEqual([
      ['k0', 'INVALID_ARGUMENT', 'documents[0].namespace'],
      ['', 'INVALID_ARGUMENT', 'documents[999].key'],
      ['k1500', 'INVALID_ARGUMENT', 'value.at'],
      ['k2000', 'INVALID_ARGUMENT', 'documents[2000].ttlMs'],
      ['k2001', 'INVALID_ARGUMENT', 'documents[2001].ttl'],
      ['k2999', 'INVALID_ARGUMENT', 'value'],
    ])
    expect(await indexed).toBe(written)
    expect(await rig.current.raw.rows()).toHaveLength(written)
    await rig.current.expectInTandem()
  })

  test('putMany with what is no document at all says so', async () => {
    const { store } = await rig.current.start()
    const documents = [null, 'document', 7, undefined] as unknown as Parameters<Store['putMany']>[0]
    const { written, failed } = await store.putMany(documents)
    expect(written).toBe(0)
    expect(failed.map(({ error }) => [error.code, error.field])).toEqual(
      [0, 1, 2, 3].map((position) => ['INVALID_ARGUMENT', `documents[${position}]`]),
    )
  })

  test('messages say what to write instead', async () => {
    const { store } = await rig.current.start()
    const messageOf = async (call: Promise<unknown>): Promise<string> =>
      (await rejection(call, 'INVALID_ARGUMENT')).message
    expect(await messageOf(store.list(['a'], { filter: { author: { name: 'x' } } }))).toContain("'author.name'")
    expect(await messageOf(store.list(['a'], { filter: { year: undefined } }))).toContain('or null')
    expect(await messageOf(store.list(['a'], { filter: { at: { $gt: new Date() } } }))).toContain('toISOString()')
    expect(await messageOf(store.put(['a'], '1', { at: new Date() } as never))).toContain('toISOString()')
    expect(await messageOf(store.put('a' as never, '1', {}))).toContain('at least one')
  })

  test('deleteMany with a bad reference deletes nothing', async () => {
    const { store } = await rig.current.start()
    await store.put(['a'], '1', { title: 'red' })
    const refs = [
      { namespace: ['a'], key: '1' },
      { namespace: ['a'], key: '' },
    ]
    expect((await rejection(store.deleteMany(refs), 'INVALID_ARGUMENT')).field).toBe('refs[1].key')
    expect(await store.get(['a'], '1')).toBeDefined()
  })

  test('a value is stored as it was when put was called, and the namespace too', async () => {
    const { store } = await rig.current.start()
    const namespace = ['a']
    const value = { title: 'red', tags: ['one'] }
    const put = store.put(namespace, '1', value)
    value.title = 'changed'
    value.tags.push('two')
    namespace[0] = 'b'
    await put
    expect((await store.list([])).items).toMatchObject([{ namespace: ['a'], value: { title: 'red', tags: ['one'] } }])
    await store.flush()
    await rig.current.expectInTandem()
  })

  test('names of a prototype are names like any other, in values, keys and labels', async () => {
    const { store } = await rig.current.start()
    const value = JSON.parse('{"__proto__":{"polluted":true},"constructor":"red","title":"red"}') as { title: string }
    await store.put(['__proto__'], 'constructor', value, { sync: 'wait' })
    const found = await store.get(['__proto__'], 'constructor')
    expect(JSON.stringify(found?.value)).toBe(JSON.stringify(value))
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(await store.search(['__proto__'], { query: 'red' })).toHaveLength(1)
    expect(await store.search(['constructor'], { query: 'red' })).toEqual([])
  })
})

describe('StoreError', () => {
  test('its JSON holds code, message and what it is about, and never the cause or a text of the document', async () => {
    const cause = new Error('Authorization: Bearer secret')
    const error = new StoreError('KV_FAILED', 'It failed', { cause, namespace: ['a'], key: 'k' })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'StoreError',
      code: 'KV_FAILED',
      message: 'It failed',
      retryable: false,
      namespace: ['a'],
      key: 'k',
    })
    expect(error.cause).toBe(cause)
    expect(error).toBeInstanceOf(Error)
  })

  test('isInstance knows errors of another copy of the package, and nothing else', async () => {
    // Another address is another module, as two installed copies are.
    const { href } = new URL('./errors.js?copy', import.meta.resolve('@tandemstore/core'))
    const copy = (await import(href)) as { readonly StoreError: typeof StoreError }
    expect(copy.StoreError).not.toBe(StoreError)
    const foreign = new copy.StoreError('CONFLICT', 'of another copy')
    expect(foreign instanceof StoreError).toBe(false)
    expect(StoreError.isInstance(foreign)).toBe(true)
    expect(copy.StoreError.isInstance(new StoreError('CLOSED', 'of this one'))).toBe(true)
    for (const other of [
      new Error('CONFLICT'),
      { code: 'CONFLICT' },
      null,
      undefined,
      'CONFLICT',
      Object.assign(new Error('x'), { code: 'CONFLICT' }),
    ])
      expect(StoreError.isInstance(other)).toBe(false)
  })
})

describe.each(backendKinds)('what an error tells, $name', (kind) => {
  const rig = useRig(kind)
  const secret = 'a very private text'

  test('no error holds the text of a document in its message or JSON', async () => {
    const { store, embedder } = await rig.current.start()
    store.on('indexFailed', vi.fn())
    embedder.on(
      'embed',
      () => {
        throw new StoreError('EMBEDDING_FAILED', 'The text is refused', { cause: new Error(secret) })
      },
      { times: Number.POSITIVE_INFINITY },
    )
    const errors: StoreError[] = [
      await rejection(store.put(['a'], '1', { title: secret }, { sync: 'wait' }), 'EMBEDDING_FAILED'),
      await rejection(
        store.put(['a'], '2', { title: secret, at: new Date() as unknown as string }),
        'INVALID_ARGUMENT',
      ),
      await rejection(store.put(['a'], '1', { title: secret }, { ifAbsent: true }), 'CONFLICT'),
    ]
    await store.put(['a'], '3', { title: secret })
    errors.push(await rejection(store.flush(), 'EMBEDDING_FAILED'))
    for (const error of errors) expect(error.message + JSON.stringify(error)).not.toContain(secret)
    expect(errors[0]).toMatchObject({ namespace: ['a'], key: '1' })
    expect(errors[2]).toMatchObject({ namespace: ['a'], key: '1' })
    expect(JSON.stringify(await rig.current.raw.intents())).not.toContain(secret)
  })
})
