import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore, type Store } from '@tandemstore/core'
import { local } from '@tandemstore/embed-local'
import { qdrant } from '@tandemstore/qdrant'
import { scylla } from '@tandemstore/scylla'
import { dropQdrantCollections, startCassandra, startQdrant } from '@tandemstore/testkit/services'
import { Client } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, runJson } from '../run.js'
import { openNotes } from '../stores.js'

const START_MS = 240_000
const TEST_MS = 240_000

// Each says on standard error how it was found, or how to get one.
const [cassandra, index] = await Promise.all([startCassandra(), startQdrant()])
afterAll(async () => {
  await Promise.all(['skipped' in cassandra ? undefined : cassandra.stop(), index?.stop()])
}, START_MS)

const missing =
  'skipped' in cassandra ? cassandra.skipped : index === undefined ? 'NO QDRANT, SKIPPED: see above' : undefined

const subjects = ['tea', 'bicycle', 'garden', 'invoice', 'holiday', 'recipe', 'printer', 'window', 'train', 'music']
const verbs = ['repair', 'order', 'describe', 'cancel', 'find', 'clean', 'compare', 'plan', 'lend', 'paint']
const langs = ['en', 'de', 'fr']

describe.skipIf(missing !== undefined)(`SQLite to ScyllaDB or Cassandra, and Qdrant${missing ?? ''}`, () => {
  if ('skipped' in cassandra || index === undefined) return
  const keyspace = `tandem_cli_test_${process.pid}`
  const prefix = `${keyspace}_`
  const contactPoint = cassandra.contactPoints[0] as string
  const cluster = [
    '--scylla', contactPoint, '--data-center', cassandra.localDataCenter, '--keyspace', keyspace,
    '--qdrant-url', index.url, '--qdrant-prefix', prefix,
  ] // biome-ignore format: pairs
  const env = index.apiKey === undefined ? {} : { TANDEM_QDRANT_API_KEY: index.apiKey }
  const client = new Client({
    contactPoints: [contactPoint],
    localDataCenter: cassandra.localDataCenter,
    protocolOptions: { port: Number(contactPoint.split(':').at(-1)) },
  })
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-cli-'))
    await client.connect()
    const replication = `{'class': 'NetworkTopologyStrategy', '${cassandra.localDataCenter}': 1}`
    await client.execute(`CREATE KEYSPACE "${keyspace}" WITH replication = ${replication}`, [], { readTimeout: 60_000 })
  }, START_MS)
  afterAll(async () => {
    await client.execute(`DROP KEYSPACE IF EXISTS "${keyspace}"`, [], { readTimeout: 60_000 })
    await client.shutdown()
    await dropQdrantCollections(index, prefix)
    await rm(folder, { recursive: true })
  }, START_MS)

  test('100 queries get the same answers, and nothing was embedded again', { timeout: TEST_MS }, async () => {
    await using source = await openNotes(folder)
    const documents = subjects.flatMap((subject, i) =>
      verbs.map((verb, j) => ({
        namespace: ['users', String((i * 10 + j) % 4), subject],
        key: verb,
        value: {
          title: `How to ${verb} the ${subject}`,
          body: `${subject} number ${j}`,
          lang: langs[(i + j) % 3] as string,
        },
        ...(j === 9 ? { index: ['body'] } : {}),
        ...(i === 9 ? { ttlMs: 86_400_000 } : {}),
      })),
    )
    expect((await source.putMany(documents)).failed).toEqual([])
    const exported = await run(['export', '--db', 'notes.db', '--vectors', '-o', 'all.jsonl'], { folder })
    expect(exported.code, exported.stderr).toBe(0)
    const args = ['import', 'all.jsonl', '--vectors', '--collection', 'notes', ...cluster]
    const options = { folder, env }
    expect(await runJson(args, options)).toMatchObject({ written: 100, failed: 0, vectors: 190, problems: [] })
    expect(await runJson(['verify', '--collection', 'notes', ...cluster], options)).toMatchObject({
      checked: 100,
      left: 0,
    })

    await using target = await createStore({
      collection: 'notes',
      kv: scylla({ client, keyspace, schema: 'none' }),
      vectors: qdrant({ url: index.url, apiKey: index.apiKey, collectionPrefix: prefix }),
      embedder: local(),
      index: { fields: ['title', 'body'], filterable: { lang: 'keyword', at: 'datetime' } },
    })
    let asked = 0
    for (const subject of subjects) {
      for (const verb of verbs) {
        const under = asked % 3 === 0 ? ['users', String(asked % 4)] : []
        const filter = asked % 4 === 1 ? { lang: langs[asked % 3] as string } : undefined
        const search = (store: Store) => store.search(under, { query: `${verb} a ${subject}`, filter, limit: 10 })
        const [wanted, got] = await Promise.all([search(source), search(target)])
        expect(wanted.length).toBeGreaterThan(0)
        expect(got.map(({ document }) => document.value)).toEqual(wanted.map(({ document }) => document.value))
        for (const [i, { score, document }] of got.entries()) {
          expect(score).toBeCloseTo(wanted[i]?.score as number, 4)
          expect(document.createdAt).toEqual(wanted[i]?.document.createdAt)
          expect(document.expiresAt).toEqual(wanted[i]?.document.expiresAt)
        }
        asked += 1
      }
    }
    expect(asked).toBe(100)
  })
})
