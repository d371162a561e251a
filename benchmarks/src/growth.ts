/**
 * `npm run bench:growth [-- --only documents,namespaces] [--documents 200000] [--namespaces 20000] [--json FILE]`: how reading everything grows
 * with what there is, on a real ScyllaDB or Cassandra with vectors in SQLite. Each measure is taken at a quarter and at all of the size.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createStore, type PutManyDocument, type Store } from '@tandemstore/core'
import { scylla } from '@tandemstore/scylla'
import { sqlite } from '@tandemstore/sqlite'
import { fakeEmbedder } from '@tandemstore/testkit'
import { startCassandra } from '@tandemstore/testkit/services'
import { CASSANDRA_JVM } from './databases.ts'
import { describeMachine } from './report.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'documents,namespaces' },
    documents: { type: 'string', default: '200000' },
    namespaces: { type: 'string', default: '20000' },
    json: { type: 'string' },
  },
})
const DOCUMENTS_EACH = 10
const body = 'the quick brown fox jumps over the lazy dog '.repeat(5)

interface Row {
  readonly what: string
  /** Documents, or namespaces, that there were. */
  readonly size: number
  readonly seconds: number
  /** After a collection of garbage, at the end; MiB. */
  readonly heap: number
  /** The most that the process held meanwhile; MiB. */
  readonly resident: number
}

const rows: Row[] = []

async function measure(what: string, size: number, run: () => Promise<number>): Promise<void> {
  let resident = process.memoryUsage.rss()
  const watch = setInterval(() => {
    resident = Math.max(resident, process.memoryUsage.rss())
  }, 100)
  const started = performance.now()
  const counted = await run()
  const seconds = (performance.now() - started) / 1000
  clearInterval(watch)
  if (counted !== size) throw new Error(`${what}: expected ${size}, got ${counted}`)
  globalThis.gc?.()
  const mebi = 2 ** 20
  const row = { what, size, seconds, heap: process.memoryUsage().heapUsed / mebi, resident: resident / mebi }
  rows.push(row)
  process.stderr.write(`${what} ${size}: ${seconds.toFixed(1)} s, ${(size / seconds).toFixed(0)}/s\n`)
}

async function listAll(store: Store, prefix: readonly string[]): Promise<number> {
  let count = 0
  let cursor: string | undefined
  do {
    const page = await store.list(prefix, { limit: 1000, ...(cursor === undefined ? {} : { cursor }) })
    count += page.items.length
    cursor = page.cursor
  } while (cursor !== undefined)
  return count
}

async function listNamespaces(store: Store, prefix: readonly string[]): Promise<number> {
  let count = 0
  let cursor: string | undefined
  do {
    const page = await store.namespaces({ prefix, limit: 1000, ...(cursor === undefined ? {} : { cursor }) })
    count += page.items.length
    cursor = page.cursor
  } while (cursor !== undefined)
  return count
}

async function putAll(store: Store, documents: Iterable<PutManyDocument>): Promise<void> {
  const { failed } = await store.putMany(documents)
  if (failed.length > 0) throw failed[0]?.error
  await store.flush()
}

/** Of few words in all: the embedder remembers a vector for each. */
function titleOf(n: number): string {
  return `number${n % 1000} of page${Math.floor(n / 1000)}`
}

function* largeDocuments(from: number, until: number): Generator<PutManyDocument> {
  for (let n = from; n < until; n += 1) {
    yield { namespace: ['large'], key: String(n), value: { title: titleOf(n), body } }
  }
}

function* smallNamespaces(from: number, until: number): Generator<PutManyDocument> {
  for (let n = from; n < until; n += 1) {
    for (let key = 0; key < DOCUMENTS_EACH; key += 1) {
      yield { namespace: ['users', String(n)], key: String(key), value: { title: `${titleOf(n)} ${key}`, body } }
    }
  }
}

const steps = (size: number): number[] => [Math.round(size / 4), size]

async function measureDocuments(store: Store, size: number): Promise<void> {
  let written = 0
  for (const until of steps(size)) {
    const from = written
    await measure('putMany and flush', until - from, async () => {
      await putAll(store, largeDocuments(from, until))
      return until - from
    })
    written = until
    await measure('list', until, () => listAll(store, ['large']))
    await measure('verify', until, async () => (await store.verify({ prefix: ['large'] })).checked)
  }
  await measure('deleteNamespace', size, async () => {
    await store.deleteNamespace(['large'])
    await store.flush()
    return size
  })
  await measure('list, when all are deleted', 0, () => listAll(store, ['large']))
}

async function measureNamespaces(store: Store, size: number): Promise<void> {
  let written = 0
  for (const until of steps(size)) {
    const from = written
    const count = (until - from) * DOCUMENTS_EACH
    await measure('putMany and flush, ten documents a namespace', count, async () => {
      await putAll(store, smallNamespaces(from, until))
      return count
    })
    written = until
    await measure('namespaces', until, () => listNamespaces(store, ['users']))
    await measure('list, ten documents a namespace', until * DOCUMENTS_EACH, () => listAll(store, ['users']))
  }
  await measure('deleteNamespace of the prefix', size, async () => {
    await store.deleteNamespace(['users'])
    await store.flush()
    return size
  })
  await measure('namespaces, when all are empty', 0, () => listNamespaces(store, ['users']))
}

const service = await startCassandra({ jvmOptions: CASSANDRA_JVM })
if ('skipped' in service) throw new Error(service.skipped)
const folder = mkdtempSync(join(tmpdir(), 'tandem-growth-'))
try {
  const { contactPoints, localDataCenter } = service
  const replication = { class: 'NetworkTopologyStrategy', [localDataCenter]: 1 }
  const kv = scylla({ contactPoints, localDataCenter, keyspace: `tandem_growth_${Date.now()}`, replication })
  const { vectors } = sqlite({ path: join(folder, 'vectors.db') })
  const embedder = fakeEmbedder({ dimensions: 8 })
  const store = await createStore({ collection: 'growth', kv, vectors, embedder, index: { fields: ['title'] } })
  try {
    if (values.only.includes('documents')) await measureDocuments(store, Number(values.documents))
    if (values.only.includes('namespaces')) await measureNamespaces(store, Number(values.namespaces))
  } finally {
    await store.close()
  }
} finally {
  rmSync(folder, { recursive: true })
  await service.stop()
}

const lines = rows.map(({ what, size, seconds, heap, resident }) => {
  const rate = size === 0 ? '' : `${Math.round(size / seconds)}`
  return `| ${what} | ${size} | ${seconds.toFixed(1)} | ${rate} | ${heap.toFixed(0)} | ${resident.toFixed(0)} |`
})
const head =
  '| what | size | seconds | per second | heap after it, MiB | resident at most, MiB |\n|---|---|---|---|---|---|'
const machine = `${describeMachine()}; ${service.origin}`
process.stdout.write(`${head}\n${lines.join('\n')}\n\n${machine}\n`)
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, rows }, null, 2)}\n`)
