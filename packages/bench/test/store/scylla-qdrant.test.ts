import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from '@tandemstore/core'
import { qdrant } from '@tandemstore/qdrant'
import { scylla } from '@tandemstore/scylla'
import { startCassandra, startQdrant } from '@tandemstore/testkit/services'
import { Client } from 'cassandra-driver'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { IngestReport, StressReport } from '../../src/result.js'
import { openBenchStore, type StorePlace } from '../../src/store/open-store.js'
import { runCommand, startCommand } from '../command.js'
import { embedder } from '../embedder.js'

const START_MS = 180_000
const TEST_MS = 180_000

// Here and not for all files, as no other needs them. Each says on standard error how it was found, or how to get one.
const [cassandra, index] = await Promise.all([startCassandra(), startQdrant()])
afterAll(async () => {
  await Promise.all(['skipped' in cassandra ? undefined : cassandra.stop(), index?.stop()])
}, START_MS)

const missing = 'skipped' in cassandra ? cassandra.skipped : index === undefined ? 'NO QDRANT, see above' : undefined

describe.skipIf(missing !== undefined)(
  `on ScyllaDB or Cassandra, and Qdrant${missing ?? ''}`,
  { timeout: TEST_MS },
  () => {
    if ('skipped' in cassandra || index === undefined) return
    const keyspace = `tandem_bench_test_${process.pid}`
    const contactPoint = cassandra.contactPoints[0] as string
    const place: StorePlace = {
      kind: 'scylla-qdrant',
      collection: 'tandem_bench',
      scylla: contactPoint,
      dataCenter: cassandra.localDataCenter,
      keyspace,
      qdrantUrl: index.url,
      qdrantApiKey: index.apiKey,
    }
    const flags = [
    '--store', 'scylla-qdrant', '--scylla', contactPoint, '--data-center', cassandra.localDataCenter,
    '--keyspace', keyspace, '--qdrant-url', index.url,
  ] // biome-ignore format: pairs
    const env = index.apiKey === undefined ? {} : { TANDEM_QDRANT_API_KEY: index.apiKey }
    const client = new Client({
      contactPoints: [contactPoint],
      localDataCenter: cassandra.localDataCenter,
      protocolOptions: { port: Number(contactPoint.split(':').at(-1)) },
    })
    const execute = (statement: string) => client.execute(statement, [], { readTimeout: 60_000 })
    let folder: string

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'tandem-test-'))
      await client.connect()
    }, START_MS)
    afterEach(() => execute(`DROP KEYSPACE IF EXISTS "${keyspace}"`))
    afterAll(async () => {
      await client.shutdown()
      await rm(folder, { recursive: true, force: true })
    })

    /** The keyspace's tables, and Qdrant's collections that bench has made. */
    async function left(): Promise<{ readonly tables: string[]; readonly collections: string[] }> {
      const { rows } = await client.execute('SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?', [
        keyspace,
      ])
      const response = await fetch(`${index?.url}/collections`, {
        headers: index?.apiKey === undefined ? {} : { 'api-key': index.apiKey },
      })
      const { result } = (await response.json()) as { result: { collections: { name: string }[] } }
      return {
        tables: rows.map((row) => String(row.table_name)).sort(),
        collections: result.collections.map(({ name }) => name).filter((name) => name.startsWith('tandem_bench_')),
      }
    }
    const nothing = { tables: [], collections: [] }
    const keyspaceExists = async (): Promise<boolean> => {
      const query = 'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?'
      return (await client.execute(query, [keyspace])).rows.length > 0
    }

    it('stores and finds, and leaves nothing, not even the keyspace', async () => {
      const bench = await openBenchStore({ ...place, embedder })
      expect(bench.versions).toMatchObject({ qdrant: expect.stringMatching(/^\d+\.\d+/) })
      expect(Object.keys(bench.versions)).toEqual([expect.stringMatching(/^(cassandra|scylla)$/), 'qdrant'])
      expect(bench.warnings).toEqual([
        `Documents are kept with the replication NetworkTopologyStrategy, ${cassandra.localDataCenter}: 1: more replicas take longer`,
      ])
      await bench.store.put(['a'], 'k', { text: 'tea' }, { sync: 'wait' })
      expect(await bench.store.search(['a'], { query: 'tea' })).toMatchObject([{ document: { key: 'k' } }])
      expect((await left()).collections).toHaveLength(1)
      await bench.remove()
      expect(await left()).toEqual(nothing)
      expect(await keyspaceExists()).toBe(false)
    })

    it('leaves a keyspace that was there, with what is in it', async () => {
      await execute(
        `CREATE KEYSPACE "${keyspace}" WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
      )
      await execute(`CREATE TABLE "${keyspace}".theirs (id int PRIMARY KEY)`)
      await (await openBenchStore({ ...place, embedder })).remove()
      expect(await left()).toEqual({ tables: ['theirs'], collections: [] })
    })

    it('refuses a collection that it did not make, and leaves it as it is', async () => {
      await execute(
        `CREATE KEYSPACE "${keyspace}" WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
      )
      const theirs = await createStore({
        collection: 'tandem_bench',
        kv: scylla({ client, keyspace }),
        vectors: qdrant({ url: index.url, apiKey: index.apiKey, collectionPrefix: `theirs_${process.pid}_` }),
        embedder,
      })
      try {
        await theirs.put(['a'], 'k', { text: 'precious' }, { sync: 'wait' })
        const before = await left()
        await expect(openBenchStore({ ...place, embedder })).rejects.toMatchObject({
          code: 'CONFIGURATION',
          message: expect.stringContaining(
            `The collection tandem_bench in the keyspace ${keyspace} was not made by tandem-bench`,
          ),
        })
        expect(await left()).toEqual(before)
        expect(await theirs.search(['a'], { query: 'precious' })).toMatchObject([{ document: { key: 'k' } }])
      } finally {
        await theirs.close()
        const headers = index.apiKey === undefined ? {} : { 'api-key': index.apiKey }
        const { result } = (await (await fetch(`${index.url}/collections`, { headers })).json()) as {
          result: { collections: { name: string }[] }
        }
        for (const { name } of result.collections)
          if (name.startsWith(`theirs_${process.pid}_`))
            await fetch(`${index.url}/collections/${name}`, { method: 'DELETE', headers })
      }
    })

    it('refuses while another run is there, clears up after one that was killed, and stops cleanly', async () => {
      const slow = ['ingest', '--sizes', '5000', ...flags]
      const killed = startCommand(slow, { folder, env })
      await killed.says('5,000 documents, cold …')
      await expect(openBenchStore({ ...place, embedder })).rejects.toMatchObject({
        code: 'CONFIGURATION',
        message: expect.stringContaining(`process ${killed.child.pid}`),
      })
      killed.child.kill('SIGKILL')
      await killed.ended
      expect((await left()).tables.length).toBeGreaterThan(1)

      const stopped = startCommand(slow, { folder, env })
      await stopped.says('5,000 documents, cold …')
      stopped.child.kill('SIGINT')
      const { code, stderr } = await stopped.ended
      expect(code, stderr).toBe(130)
      expect(await left()).toEqual(nothing)
    })

    it('measures ingesting', async () => {
      const json = join(folder, 'ingest.json')
      const args = ['ingest', '--sizes', '60', '--baseline', '20', '--searches', '20', ...flags, '--json', json]
      const { code, stderr } = await runCommand(args, { folder, env })
      expect(code, stderr).toBe(0)
      const text = await readFile(json, 'utf8')
      const { runs, versions } = JSON.parse(text) as IngestReport
      expect(runs.map(({ kind, documents, search }) => [kind, documents, search.count])).toEqual([
        ['cold', 60, 20],
        ['warm', 60, 20],
        ['one-by-one', 20, 20],
      ])
      expect(versions).toHaveProperty('qdrant')
      expect(text).not.toContain(index.url)
      expect(await left()).toEqual(nothing)
    })

    it('survives stress without an error or drift', async () => {
      const json = join(folder, 'stress.json')
      const args = ['stress', '--documents', '100', '--duration', '5', ...flags, '--json', json]
      const { code, stdout, stderr } = await runCommand(args, { folder, env })
      expect(code, `${stdout}\n${stderr}`).toBe(0)
      const { operations, verify } = JSON.parse(await readFile(json, 'utf8')) as StressReport
      for (const { latency, errors } of Object.values(operations)) {
        expect(latency.count).toBeGreaterThan(0)
        expect(errors).toBe(0)
      }
      expect(verify).toMatchObject({ missing: 0, stale: 0, orphaned: 0 })
      expect(await left()).toEqual(nothing)
    })
  },
)
