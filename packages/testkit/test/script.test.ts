import { type DocumentRow, StoreError } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { describe, expect, test } from 'vitest'
import {
  breakOff,
  changeAnswer,
  fail,
  fakeEmbedder,
  hang,
  loseAnswer,
  notANumber,
  rateLimited,
  script,
  wrongCount,
  wrongDimensions,
} from '../src/index.js'
import { versionSource } from '../src/shared/check.js'
import { documentOf, vectorOf } from '../src/vectors/context.js'

const version = versionSource()
const row = (key: string): DocumentRow => ({
  namespace: ['n'],
  key,
  value: '{}',
  version: version(),
  createdAt: 1,
  updatedAt: 1,
})
const writes = (...keys: string[]) => keys.map((key) => ({ row: row(key) }))
const refs = (...keys: string[]) => keys.map((key) => ({ namespace: ['n'], key }))

async function openScripted() {
  const scripted = script(memoryKV())
  const collection = await scripted.port.open('notes')
  const keysThere = async () => (await collection.list({ prefix: ['n'], limit: 100 })).rows.map(({ key }) => key)
  return { scripted, collection, keysThere }
}

describe('recording', () => {
  test('every call is recorded with its arguments, on the port and its handles', async () => {
    const { scripted, collection } = await openScripted()
    const written = writes('a')
    await collection.put(written)
    await collection.get(refs('a'))
    expect(scripted.calls.map(({ method }) => method)).toEqual(['open', 'put', 'get'])
    expect(scripted.callsOf('open')).toEqual([['notes']])
    expect(scripted.callsOf('put')[0]?.[0]).toBe(written)
  })

  test('what is declared is seen through the script', () => {
    const kv = memoryKV()
    const { port } = script(kv)
    expect([port.name, port.capabilities, port.limits]).toEqual([kv.name, kv.capabilities, kv.limits])
  })

  test('a method that answers at once still does', () => {
    expect(script(fakeEmbedder()).port.countTokens('two words')).toBe(2)
  })
})

describe('which call', () => {
  test('nth and times pick calls of that method alone', async () => {
    const { scripted, collection, keysThere } = await openScripted()
    scripted.on('put', fail(new Error('down')), { nth: 2, times: 2 })
    await collection.put(writes('a'))
    await collection.get(refs('a'))
    await expect(collection.put(writes('b'))).rejects.toThrow('down')
    await expect(collection.put(writes('c'))).rejects.toThrow('down')
    await collection.put(writes('d'))
    expect(await keysThere()).toEqual(['a', 'd'])
  })

  test('where picks calls by their arguments', async () => {
    const { scripted, collection, keysThere } = await openScripted()
    scripted.on('put', fail(new Error('down')), { where: (puts) => puts.some((put) => put.row.key === 'b') })
    await collection.put(writes('a'))
    await expect(collection.put(writes('b', 'c'))).rejects.toThrow('down')
    await collection.put(writes('b'))
    expect(await keysThere()).toEqual(['a', 'b'])
  })

  test('rules are taken one after the other', async () => {
    const { scripted, collection } = await openScripted()
    scripted.on('ping', fail(new Error('first')))
    scripted.on('ping', fail(new Error('second')))
    await expect(collection.ping()).rejects.toThrow('first')
    await expect(collection.ping()).rejects.toThrow('second')
    await collection.ping()
  })
})

describe('faults', () => {
  test('loseAnswer: the call took effect', async () => {
    const { scripted, collection, keysThere } = await openScripted()
    scripted.on('put', loseAnswer(new StoreError('TIMEOUT', 'no answer')))
    await expect(collection.put(writes('a'))).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true })
    expect(await keysThere()).toEqual(['a'])
  })

  test('breakOff: the first of the batch took effect', async () => {
    const { scripted, collection, keysThere } = await openScripted()
    scripted.on('put', breakOff(2, new Error('broke')))
    await expect(collection.put(writes('a', 'b', 'c'))).rejects.toThrow('broke')
    expect(await keysThere()).toEqual(['a', 'b'])
  })

  test('late: the call failed, and takes effect when the test says so, whatever became of its signal', async () => {
    const { scripted, collection, keysThere } = await openScripted()
    const late = scripted.late('put', new StoreError('TIMEOUT', 'no answer'))
    const abort = new AbortController()
    await expect(collection.put(writes('a'), { signal: abort.signal })).rejects.toMatchObject({ code: 'TIMEOUT' })
    await late.reached
    abort.abort()
    expect(await keysThere()).toEqual([])
    await late.land()
    expect(await keysThere()).toEqual(['a'])
  })

  test('late works for the points of an index', async () => {
    const { port, late } = script(memoryIndex())
    const space = await port.open({ name: 's', dimensions: 2, metric: 'dot', filterable: {} })
    const write = late('replace', new Error('lost'))
    await expect(
      space.replace([documentOf({ namespace: ['n'], key: 'k' }, version(), vectorOf(1, 0))]),
    ).rejects.toThrow('lost')
    expect(await space.count()).toBe(0)
    await write.land()
    expect(await space.count()).toBe(1)
  })

  test('hang: only an abort ends the call', async () => {
    const { scripted, collection, keysThere } = await openScripted()
    scripted.on('put', hang(), { times: 2 })
    const abort = new AbortController()
    const hanging = collection.put(writes('a'), { signal: abort.signal })
    const reason = new Error('enough')
    abort.abort(reason)
    await expect(hanging).rejects.toBe(reason)
    await expect(collection.put(writes('b'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(await keysThere()).toEqual([])
  })

  test('changeAnswer: another answer than the adapter gave', async () => {
    const { scripted, collection } = await openScripted()
    scripted.on(
      'get',
      changeAnswer<unknown[]>((rows) => rows.slice(1)),
    )
    expect(await collection.get(refs('a', 'b'))).toHaveLength(1)
  })

  test('an embedder of wrong answers', async () => {
    const { port, on } = script(fakeEmbedder({ dimensions: 8 }))
    const embed = async () => (await port.embed(['a', 'b'], { purpose: 'document' })).vectors
    on('embed', wrongCount())
    on('embed', wrongDimensions())
    on('embed', notANumber())
    on('embed', rateLimited(1500))
    expect(await embed()).toHaveLength(1)
    expect((await embed()).map((vector) => vector.length)).toEqual([9, 9])
    expect((await embed()).map((vector) => vector[0])).toEqual([Number.NaN, Number.NaN])
    await expect(embed()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 1500, retryable: true })
    expect((await embed()).map((vector) => vector.length)).toEqual([8, 8])
  })
})

describe('hold', () => {
  test('a call stops before it takes effect, and goes on when it is let go', async () => {
    const { scripted, collection, keysThere } = await openScripted()
    const held = scripted.hold('put')
    const written = writes('a')
    const putting = collection.put(written)
    expect((await held.reached)[0]).toBe(written)
    expect(await keysThere()).toEqual([])
    await collection.put(writes('b'))
    held.release()
    expect(await putting).toMatchObject([{ status: 'written' }])
    expect(await keysThere()).toEqual(['a', 'b'])
  })

  test('with `after` it has taken effect, and only the answer is missing', async () => {
    const { scripted, collection, keysThere } = await openScripted()
    const held = scripted.hold('put', { after: true })
    const putting = collection.put(writes('a'))
    await held.reached
    expect(await keysThere()).toEqual(['a'])
    held.fail(new Error('connection reset'))
    await expect(putting).rejects.toThrow('connection reset')
  })

  test('a held call that is aborted ends, and is never carried out', async () => {
    const { scripted, collection, keysThere } = await openScripted()
    const held = scripted.hold('put')
    const abort = new AbortController()
    const putting = collection.put(writes('a'), { signal: abort.signal })
    await held.reached
    abort.abort(new Error('enough'))
    await expect(putting).rejects.toThrow('enough')
    held.release()
    expect(await keysThere()).toEqual([])
  })

  test('a gate opened before the call came lets it through', async () => {
    const { scripted, collection, keysThere } = await openScripted()
    scripted.hold('put').release()
    await collection.put(writes('a'))
    expect(await keysThere()).toEqual(['a'])
  })
})
