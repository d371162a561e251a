import type { KVCollection } from '@tandemstore/core/adapter'
import { type CqlServer, cqlError, done, hangUp, rows, scyllaErrors, silence } from '@tandemstore/testkit/services'
import { describe, expect, test } from 'vitest'
import { failureOf } from '../failures.js'
import { rowOf, versionAt } from '../rows.js'
import { openOn, startServer, statementsOf } from './server.js'

const ref = { namespace: ['n'], key: 'k' }
const put = (collection: KVCollection, ...keys: string[]) =>
  collection.put(keys.map((key) => ({ row: rowOf({ ...ref, key }, versionAt(0)) })))
const isWrite = /^UPDATE .*_documents" USING TIMESTAMP/

describe('errors in the words of ScyllaDB', () => {
  test.each([
    ['the rate limit of a partition', scyllaErrors.rateLimit('app.notes_documents'), 'RATE_LIMITED'],
    ['a full disk or a stale topology', scyllaErrors.writeFailure, 'KV_FAILED'],
    ['a time-out', scyllaErrors.writeTimeout, 'TIMEOUT'],
    ['a failure of the node', cqlError(0x0000, 'std::bad_alloc'), 'KV_FAILED'],
    ['an overload', scyllaErrors.overloaded, 'RATE_LIMITED'],
  ])('%s leaves the outcome of a write open, and may pass', async (_name, answer, code) => {
    const server = await startServer()
    const collection = await openOn(server)
    server.on(isWrite, answer)
    const [outcome] = await put(collection, 'k')
    expect(outcome).toMatchObject({ status: 'failed', error: { code, retryable: true } })
    expect(outcome).not.toHaveProperty('notWritten')
  })

  test('too few replicas, before anything was written, is certain', async () => {
    const server = await startServer()
    const collection = await openOn(server)
    server.on(isWrite, scyllaErrors.unavailable())
    expect(await put(collection, 'k')).toMatchObject([{ error: { code: 'UNAVAILABLE' }, notWritten: true }])
  })

  test('a read that a replica sheds may be asked again', async () => {
    const server = await startServer()
    const collection = await openOn(server)
    server.on(/^SELECT document/, scyllaErrors.readFailure)
    expect(await failureOf(collection.get([ref]))).toMatchObject({ code: 'KV_FAILED', retryable: true })
  })

  test('a table that was dropped is CONFIGURATION, whether its statements were prepared before or not', async () => {
    const server = await startServer()
    const collection = await openOn(server)
    await put(collection, 'k')
    await put(collection, 'a', 'b')
    server.schema.get('app')?.tables.delete('notes_documents')
    const refused = { status: 'failed', error: { code: 'CONFIGURATION', retryable: false } }
    expect(await put(collection, 'k')).toMatchObject([refused])
    expect(await put(collection, 'a', 'b')).toMatchObject([refused, refused])
    expect(await failureOf(collection.get([ref]))).toMatchObject({ code: 'CONFIGURATION', retryable: false })
  })

  test('of documents that fail together because of one, the others are written', async () => {
    const server = await startServer()
    const collection = await openOn(server)
    server.on(isWrite, ({ statements }) =>
      statements.some(({ params }) => params.includes('bad')) ? scyllaErrors.writeFailure : undefined,
    )
    const outcomes = await put(collection, 'a', 'bad', 'b')
    expect(outcomes.map(({ status }) => status)).toEqual(['written', 'failed', 'written'])
  })
})

describe('conditional writes', () => {
  const isClaim = /^UPDATE .*_documents" SET claim = \? .* IF /
  const condition = { kind: 'absent', now: Date.now() } as const
  const putIfAbsent = (collection: KVCollection, row = rowOf(ref, versionAt(0))) => collection.put([{ row, condition }])
  const cells = { key: 'text', document: 'text', claim: 'text', written_at: 'bigint' }
  /** Lets what is settled be read again. */
  const keepDocument = (server: CqlServer): void => {
    let document: unknown
    server.on(isWrite, ({ statements }) => {
      document = statements[0]?.params[2]
      return done
    })
    server.on(/^SELECT document/, () => (document === undefined ? undefined : rows(cells, [{ document }])))
  }

  test('one that is applied counts, though the answer carries the previous row', async () => {
    const server = await startServer()
    const collection = await openOn(server)
    keepDocument(server)
    server.on(isClaim, rows({ '[applied]': 'boolean', document: 'text', claim: 'text' }, [{ '[applied]': true }]))
    expect(await putIfAbsent(collection)).toEqual([{ status: 'written' }])
  })

  test('one that timed out after it was done is found by a serial read', async () => {
    const server = await startServer()
    const collection = await openOn(server)
    keepDocument(server)
    let claim: unknown
    server.on(isClaim, ({ statements }) => {
      claim = statements[0]?.params[0]
      return scyllaErrors.writeTimeout
    })
    server.on(/^SELECT document/, ({ consistency }) =>
      consistency === 9 ? rows(cells, [{ claim, written_at: '1' }]) : undefined,
    )
    expect(await putIfAbsent(collection)).toEqual([{ status: 'written' }])
    expect(statementsOf(server, isClaim)).toHaveLength(1)
  })

  test('one that timed out and is not found is of unknown outcome', async () => {
    const server = await startServer()
    const collection = await openOn(server)
    server.on(isClaim, scyllaErrors.writeTimeout)
    const [outcome] = await putIfAbsent(collection)
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT' } })
    expect(outcome).not.toHaveProperty('notWritten')
  })

  test.each([
    ['at a serial level it had no effect', 9, { error: { code: 'UNAVAILABLE' }, notWritten: true }],
    ['at another it may have been decided', 6, { error: { code: 'TIMEOUT' } }],
  ])('too few replicas: %s', async (_name, consistency, expected) => {
    const server = await startServer()
    const collection = await openOn(server)
    server.on(isClaim, scyllaErrors.unavailable(consistency))
    const [outcome] = await putIfAbsent(collection)
    expect(outcome).toMatchObject(expected)
    expect(outcome && 'notWritten' in outcome).toBe('notWritten' in expected)
  })
})

describe('pages', () => {
  test('empty pages, which tombstones give, are not the end', async () => {
    const server = await startServer()
    const collection = await openOn(server)
    server.on(/^SELECT namespace FROM .*_namespaces/, ({ statements }) =>
      statements[0]?.params[0] === 0 ? rows({ namespace: 'text' }, [{ namespace: 'n\0' }]) : undefined,
    )
    const version = versionAt(0)
    const document = `${version.slice(-12)} ${'-'.repeat(16)} {"micros":${Number(version.slice(0, -13))},"createdAt":1,"updatedAt":2}\n{}`
    const columns = { key: 'text', document: 'text', claim: 'text' }
    server.on(/^SELECT "key", document, claim FROM .* LIMIT/, ({ pageState }) => {
      const page = Number(pageState ?? 0)
      return page < 3 ? rows(columns, [], String(page + 1)) : rows(columns, [{ key: 'k', document }])
    })
    const { rows: found } = await collection.list({ prefix: ['n'], limit: 10 })
    expect(found).toMatchObject([{ key: 'k', value: '{}', version }])
  })
})

describe('connections that fail under way', () => {
  test('one that ends is UNAVAILABLE, names the node, and the next one serves', async () => {
    const server = await startServer()
    const collection = await openOn(server)
    await put(collection, 'first')
    server.on(isWrite, hangUp, { times: 1 })
    const [outcome] = await put(collection, 'k')
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'UNAVAILABLE', retryable: true } })
    expect(outcome).toHaveProperty('error.message', expect.stringContaining(server.contactPoints[0] as string))
    await expect.poll(() => put(collection, 'k'), { timeout: 20_000 }).toEqual([{ status: 'written' }])
  })

  test('a node that answers no more is TIMEOUT and named', async () => {
    const server = await startServer()
    const collection = await openOn(server, { socketOptions: { readTimeout: 100 } })
    await put(collection, 'first')
    server.on(isWrite, silence, { times: 1 })
    const [outcome] = await put(collection, 'k')
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT', retryable: true } })
    expect(outcome).toHaveProperty('error.message', expect.stringContaining(server.contactPoints[0] as string))
  })
})

describe('rows that are damaged', () => {
  test.each([
    ['no head', 'hello'],
    ['a head that is cut off', `0123456789ab ${'-'.repeat(16)} {"micros":17}`],
    ['a head that is no JSON', `0123456789ab ${'-'.repeat(16)} {"micros":1,}\n{}`],
    ['a head without a version', `0123456789ab ${'-'.repeat(16)} {"createdAt":1}\n{}`],
    ['a time that is none', `0123456789ab ${'-'.repeat(16)} {"micros":1,"createdAt":"x"}\n{}`],
  ])('%s: an error that names the document, and does not quote it', async (_name, document) => {
    const server = await startServer()
    const collection = await openOn(server)
    server.on(/^SELECT document/, rows({ document: 'text', claim: 'text', written_at: 'bigint' }, [{ document }]))
    const error = await failureOf(collection.get([ref]))
    expect(error).toMatchObject({ code: 'KV_FAILED', retryable: false, namespace: ['n'], key: 'k' })
    expect(error.message).not.toContain('micros')
  })
})
