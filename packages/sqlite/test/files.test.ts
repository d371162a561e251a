import { mkdir, open, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqlite } from '@tandemstore/sqlite'
import { describe, expect, test } from 'vitest'
import { createDatabase } from '../src/database.js'
import { fromWireError, toWireError } from '../src/errors.js'
import { packWrites } from '../src/kv/packed-writes.js'
import { operations } from '../src/operations.js'
import { documentOf, rowOf, storeError, temporaryFile } from './support.js'

const ref = { namespace: ['a'], key: 'k' }
const definition = { name: 's', dimensions: 2, metric: 'cosine', filterable: {} } as const

describe('options', () => {
  test('are checked', () => {
    expect(() => sqlite({ path: '' })).toThrow('path')
    expect(() => sqlite({ path: 'a', busyTimeoutMs: -1 })).toThrow('busyTimeoutMs')
    expect(() => sqlite({ path: 'a', syncronous: 'full' } as never)).toThrow('syncronous: expected one of the options')
    for (const wrong of [undefined, null, 'memory.sqlite'])
      expect(() => sqlite(wrong as never)).toThrow('options: expected an object with the path of the file')
    expect(() => sqlite({ path: 'a', synchronous: 'off' as 'full' })).toThrow('synchronous')
    expect(() => sqlite({ path: 'a', search: 'fast' as 'exact' })).toThrow("search: expected 'exact' or 'approximate'")
    expect(() => sqlite({ path: 'a', memory: 5 as never })).toThrow('memory: expected an object')
    expect(() => sqlite({ path: 'a', memory: { maxBytes: -1 } })).toThrow('memory.maxBytes: expected a number from 0')
    expect(() => sqlite({ path: 'a', memory: { max: 1 } as never })).toThrow('memory.max: expected maxBytes')
    expect(sqlite({ path: 'a' }).vectors.capabilities.exact).toBe(true)
    expect(sqlite({ path: 'a', search: 'approximate' }).vectors.capabilities.exact).toBe(false)
  })

  test('synchronous is set', async () => {
    for (const [synchronous, level] of [
      ['normal', 1],
      ['full', 2],
    ] as const) {
      const db = createDatabase({ path: await temporaryFile(), synchronous, maxBytes: 0 })
      db.connect()
      expect(db.prepare('PRAGMA synchronous').get()?.synchronous).toBe(level)
      db.disconnect()
    }
  })
})

describe('a file', () => {
  test('keeps collections and spaces apart, and gives them back', async () => {
    const path = await temporaryFile()
    const { kv, vectors } = sqlite({ path })
    const [one, two] = [await kv.open('one'), await kv.open('two')]
    const spaces = [await vectors.open(definition), await vectors.open({ ...definition, name: 't' })]
    await one.put([{ row: rowOf(ref, 1) }])
    await two.put([{ row: rowOf(ref, 2) }])
    await two.deletePrefix(['b'], rowOf(ref, 9).version)
    await spaces[0]?.replace([documentOf(ref, 3, [[1, 0]])])
    for (const each of [one, two, ...spaces]) await each.close()

    const again = sqlite({ path })
    for (const [name, micros] of [
      ['one', 1],
      ['two', 2],
    ] as const) {
      const collection = await again.kv.open(name)
      expect(await collection.get([ref])).toEqual([rowOf(ref, micros)])
      await collection.close()
    }
    for (const [name, count] of [
      ['s', 1],
      ['t', 0],
    ] as const) {
      const space = await again.vectors.open({ ...definition, name })
      expect(await space.count()).toBe(count)
      await space.close()
    }
  })

  test('says whose it is, in its header', async () => {
    const path = await temporaryFile()
    await (await sqlite({ path }).kv.open('notes')).close()
    const db = new DatabaseSync(path)
    expect(db.prepare('PRAGMA application_id').get()?.application_id).toBe(Buffer.from('TAND').readInt32BE())
    expect(db.prepare('PRAGMA user_version').get()?.user_version).toBe(4)
    expect(db.prepare('PRAGMA journal_mode').get()?.journal_mode).toBe('wal')
    db.close()
  })

  test('of a newer version is a CONFIGURATION error, and is not touched', async () => {
    const path = await temporaryFile()
    await (await sqlite({ path }).kv.open('notes')).close()
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 1000')
    const error = await storeError(sqlite({ path }).kv.open('notes'))
    expect(error.code).toBe('CONFIGURATION')
    expect(error.message).toMatch(/version 1000.*up to 4/)
    expect(db.prepare('PRAGMA user_version').get()?.user_version).toBe(1000)
    db.close()
  })

  test('of another program is a CONFIGURATION error, and is not touched', async () => {
    const path = await temporaryFile()
    const db = new DatabaseSync(path)
    db.exec('CREATE TABLE theirs (id INTEGER)')
    expect((await storeError(sqlite({ path }).vectors.open(definition))).code).toBe('CONFIGURATION')
    expect(db.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'theirs' }])
    db.close()
  })

  test('that is no database, a directory, or in no directory: CONFIGURATION, with the cause', async () => {
    const path = await temporaryFile()
    await writeFile(path, 'This is a text, and has been one for a long time. '.repeat(100))
    await mkdir(join(dirname(path), 'directory'))
    const folder = dirname(path)
    for (const [each, advice] of [
      [path, 'not a database'],
      [join(folder, 'directory'), 'it is a folder'],
      [join(folder, 'missing', 'store.db'), 'its folder has to exist'],
      [join(folder, 'x'.repeat(300)), 'its folder has to exist'],
    ] as const) {
      const { kv, vectors } = sqlite({ path: each })
      for (const opening of [kv.open('notes'), vectors.open(definition)]) {
        const error = await storeError(opening)
        expect(error.code).toBe('CONFIGURATION')
        expect(error.message).toContain(`${each} cannot be opened`)
        expect(error.message).toContain(advice)
        expect(error.retryable).toBe(false)
        expect(error.cause).toMatchObject({ errcode: expect.any(Number) })
      }
    }
  })

  test('that can be made after a failed opening opens on the same object', async () => {
    const path = join(dirname(await temporaryFile()), 'later', 'store.db')
    const { kv } = sqlite({ path })
    expect((await storeError(kv.open('notes'))).code).toBe('CONFIGURATION')
    await mkdir(dirname(path))
    await (await kv.open('notes')).close()
  })

  test('whose pages are damaged: KV_FAILED and INDEX_FAILED, with the cause', async () => {
    const path = await temporaryFile()
    const { kv, vectors } = sqlite({ path })
    const collection = await kv.open('notes')
    const space = await vectors.open(definition)
    const refs = Array.from({ length: 500 }, (_, i) => ({ namespace: ['a'], key: `k${i}` }))
    await collection.put(refs.map((each) => ({ row: rowOf(each, 1, { value: '{}'.padEnd(1000) }) })))
    await space.replace(refs.map((each) => documentOf(each, 1, [[1, 0]])))
    await collection.close()
    await space.close()
    const file = await open(path, 'r+')
    const { size } = await file.stat()
    // All but the schema, which is on the first pages.
    const page = 8192
    const db = new DatabaseSync(path)
    const roots = db
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name IN ('document', 'space_1_document_ref', 'space_1_point')")
      .all()
    db.close()
    expect(size).toBeGreaterThan(page * 20)
    for (const { rootpage } of roots) await file.write(Buffer.alloc(page, 0xff), 0, page, (Number(rootpage) - 1) * page)
    await file.close()

    const again = await kv.open('notes')
    const damaged = await vectors.open(definition)
    const kvError = await storeError(again.list({ prefix: [], limit: 10 }))
    const indexError = await storeError(damaged.scan({ prefix: [], limit: 10 }))
    expect([kvError.code, indexError.code]).toEqual(['KV_FAILED', 'INDEX_FAILED'])
    expect(kvError.cause).toMatchObject({ errcode: 11, message: expect.stringContaining('malformed') })
    await again.close()
    await damaged.close()
  })
})

test('a damaged row is KV_FAILED, naming the document and not its text', async () => {
  const path = await temporaryFile()
  const collection = await sqlite({ path }).kv.open('notes')
  const intent = { kind: 'document', space: 's', ...ref, version: rowOf(ref, 1).version } as const
  await collection.put([{ row: rowOf(ref, 1, { index: ['title'], expiresAt: 10 }) }])
  await collection.addIntents([{ ...intent, failure: { code: 'TIMEOUT', message: 'late' } }])
  const db = new DatabaseSync(path)
  db.exec(`UPDATE document SET directive = '["tit'; UPDATE intent SET failure = '{"code":'`)
  db.close()
  const touch = { ...ref, version: intent.version, expiresAt: 20 }
  for (const call of [
    collection.get([ref]),
    collection.list({ prefix: [], limit: 10 }),
    collection.touch([touch]),
    collection.listIntents({ space: 's', limit: 10 }),
  ]) {
    const error = await storeError(call)
    expect(error).toMatchObject({ code: 'KV_FAILED', retryable: false, ...ref })
    expect(error.message).toMatch(
      /The row of document \["a","k"\] is damaged: its (index directive|recorded failure) is not JSON$/,
    )
  }
  await collection.close()
})

test('a full disk is KV_FAILED and worth retrying, the batch is not written, and smaller ones still are', () => {
  const db = createDatabase({ path: ':memory:', synchronous: 'normal', maxBytes: 0 })
  db.connect()
  const put = (count: number): unknown => {
    const rows = Array.from({ length: count }, (_, i) =>
      rowOf({ namespace: ['a'], key: `k${i}` }, 1, { value: 'x'.repeat(4000) }),
    )
    const args = { collection: 1, writes: packWrites(rows.map((row) => ({ row }))), now: 0 }
    return db.transaction('write', () => operations.kvPut.run(db, args))
  }
  db.transaction('write', () => operations.kvOpen.run(db, { name: 'notes' }))
  db.prepare('PRAGMA max_page_count = 60').get()
  let full: unknown
  try {
    put(1000)
  } catch (error) {
    full = error
  }
  const error = fromWireError(structuredClone(toWireError(full)), 'KV_FAILED')
  expect([error.code, error.retryable]).toEqual(['KV_FAILED', true])
  expect(error.message).toContain('disk is full')
  expect(error.cause).toMatchObject({ errcode: 13 })
  expect(db.prepare('SELECT count(*) AS count FROM document').get()?.count).toBe(0)
  expect(put(2)).toMatchObject([{ status: 'written' }, { status: 'written' }])
  db.disconnect()
})
