import { createStore, type Receipt, type Store, StoreError } from '@tandemstore/core'
import { fakeEmbedder } from '@tandemstore/testkit'
import { type CassandraService, dropQdrantCollections, startCassandra } from '@tandemstore/testkit/services'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openRaw, type Raw } from '../src/raw.ts'
import { expectInTandem, expectOnlyUnseenIntents } from './compare.ts'
import { connect, newConnection } from './databases.ts'
import { documentOf, expectFound } from './ingest.ts'
import { fields } from './programs/lines.ts'
import { tell } from './report.ts'
import { ingested } from './scale.ts'
import type { QdrantAddress } from './services.ts'
import { inWindow } from './window.ts'

const collection = 'nodes'
const qdrant = inject('qdrant')
const found =
  qdrant === undefined
    ? { skipped: 'NO QDRANT, see above' }
    : await startCassandra({
        nodes: 3,
        config: { write_request_timeout: '1s', read_request_timeout: '2s', cas_contention_timeout: '2s' },
      })

const body = (): void => {
  const service = found as CassandraService
  const index = qdrant as QdrantAddress
  const connection = newConnection(service, index, 3)
  const [, second, third] = service.nodes as [Node, Node, Node]
  let store: Store
  let raw: Raw

  beforeAll(async () => {
    store = await createStore({
      collection,
      ...connect(connection),
      embedder: fakeEmbedder({ limits: { maxInputs: 32 } }),
      index: { fields },
    })
    raw = await openRaw(connect(connection), collection)
  })
  afterAll(async () => {
    await store?.close()
    await raw?.close()
    await service.stop()
    await dropQdrantCollections(index, `${connection.name}_`)
  })

  test('one of three killed in the middle of an ingest at QUORUM: nobody notices, and nothing is lost', async ({
    task,
  }) => {
    const receipts: Receipt[] = []
    const killAt = Math.floor(ingested / 3)
    let killing: Promise<void> | undefined
    await inWindow(
      Array.from({ length: ingested }, (_, i) => i),
      32,
      async (number) => {
        if (number === killAt) killing = third.stop({ kill: true })
        const { namespace, key, value } = documentOf(number)
        receipts.push(await store.put(namespace, key, value))
      },
    )
    await killing
    await Promise.all(receipts.map(({ indexed }) => indexed))
    await store.flush()
    await expectInTandem(raw, fields)
    await third.start()
    const { rows } = await expectInTandem(raw, fields)
    expect(rows).toHaveLength(ingested)
    expect(await raw.intents()).toEqual([])
    await expectFound(store, ingested)
    expect(await store.verify()).toMatchObject({ checked: ingested, missing: 0, stale: 0, orphaned: 0 })
    tell(task, {
      'documents acknowledged': receipts.length,
      asserted: 'no acknowledged write lost, no point missing, stale or orphaned',
    })
  })

  test('two of three killed: every mode says so, and when they are back all heals without a restart', async ({
    task,
  }) => {
    const before = (await raw.rows()).length
    const acknowledged: { readonly key: string; readonly receipt: Receipt }[] = []
    const refused: unknown[] = []
    let killing: Promise<unknown> | undefined
    await inWindow(
      Array.from({ length: 300 }, (_, i) => i),
      16,
      async (number) => {
        if (number === 150) killing = Promise.all([second.stop({ kill: true }), third.stop({ kill: true })])
        const key = String(number)
        try {
          const receipt = await store.put(['quorum'], key, { title: `lost quorum${number}`, body: 'while it goes' })
          acknowledged.push({ key, receipt })
        } catch (error) {
          refused.push(error)
        }
      },
    )
    await killing
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(refused.length).toBeGreaterThan(0)
    for (const error of refused) expect(StoreError.isInstance(error) && error.retryable, String(error)).toBe(true)

    const value = { title: 'nobody has it', body: '' }
    const away = { retryable: true, code: expect.stringMatching(/^(UNAVAILABLE|TIMEOUT)$/) }
    await expect(store.put(['away'], 'w', value, { sync: 'wait' })).rejects.toMatchObject(away)
    await expect(store.put(['away'], 'b', value, { sync: 'background' })).rejects.toMatchObject(away)
    await expect(store.put(['away'], 'm', value, { sync: 'manual' })).rejects.toMatchObject(away)
    await expect(store.get(['ingest', '0'], '0')).rejects.toMatchObject(away)
    await expect(store.search(['ingest', '0'], { query: 'many' })).rejects.toMatchObject(away)

    await second.start()
    await third.start()
    await expect
      .poll(() => store.put(['away'], 'after', value).then(() => 'written', String), {
        timeout: 120_000,
        interval: 500,
      })
      .toBe('written')
    await expect.poll(() => store.flush().then(() => 'flushed', String), { timeout: 120_000 }).toBe('flushed')
    await Promise.all(acknowledged.map(({ receipt }) => receipt.indexed))
    await store.recover()
    const { rows } = await expectInTandem(raw, fields)
    const unseen = await expectOnlyUnseenIntents(raw)
    for (const { key, receipt } of acknowledged) {
      expect((await store.get(['quorum'], key))?.version, `document ${key}`).toBe(receipt.version)
    }
    expect(rows.length).toBeGreaterThan(before + acknowledged.length)
    expect(await store.verify()).toMatchObject({ missing: 0, stale: 0, orphaned: 0 })
    tell(task, {
      'writes acknowledged before, and refused after, the quorum was lost': `${acknowledged.length} and ${refused.length}`,
      'refused writes that took effect all the same, and are indexed': rows.length - before - 1 - acknowledged.length,
      'intents left, of writes that never reached the database': unseen,
      asserted: 'no acknowledged write lost, no point missing, stale or orphaned',
    })
  })
}

type Node = CassandraService['nodes'][number]

if ('skipped' in found) describe.skip(`nodes of Cassandra are away: ${found.skipped}`, body)
else describe('nodes of Cassandra are away', body)
