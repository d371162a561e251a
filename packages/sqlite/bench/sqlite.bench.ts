/*
 * Compares the adapter with the bare node:sqlite that does the same: `node bench/sqlite.bench.ts [--json FILE]`. Both
 * are measured in turns in one run, so that what else the machine does falls on both; the ratio of medians is what
 * counts.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { DocumentPoints, Filter, Intent, PutRow } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import { getLoadablePath } from 'sqlite-vec'
import { bareWriter, documentRows, randomVector } from './bare.ts'
import { medians, round, type Time, time } from './measure.ts'

const DIMENSIONS = 384
const BATCH = 500
const BATCHES = 10
const WRITE_ROUNDS = 7
/** Batches under way at the same time, as core has them: while one is written, the next crosses to the worker. */
const CONCURRENCY = 3
const VECTORS = 50_000
const QUERY_ROUNDS = 9

interface Row {
  readonly what: string
  readonly unit: string
  readonly adapter: number
  readonly bare: number
  /** How many times slower the adapter is than the bare statements. */
  readonly ratio: number
  /** The same of processor time, of all threads: it does not depend on what else the machine does. */
  readonly cpuRatio: number
  readonly allowed?: number
}

const { values: options } = parseArgs({ options: { json: { type: 'string' } } })
const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'))
const table: Row[] = []
let version = 0

try {
  await writing()
  await querying()
  const delay = { longestMs: round(await longestDelay()), allowedMs: 50 }
  console.log(`Node.js ${process.version}, ${cpus()[0]?.model}, ${cpus().length} CPUs`)
  console.table(table)
  console.log('Longest delay of the event loop during writes and searches of 50,000 vectors:', delay)
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ node: process.version, results: table, delay }, null, 2)}\n`)
  }
} finally {
  rmSync(directory, { recursive: true })
}

/** Batches as core writes them: intents, rows, points, the intents removed again; a transaction each. */
async function writing(): Promise<void> {
  const { kv, vectors } = sqlite({ path: join(directory, 'adapter.db') })
  const collection = await kv.open('bench')
  const space = await vectors.open({ name: 'bench', dimensions: DIMENSIONS, metric: 'cosine', filterable: {} })
  const bare = await bareWriter(join(directory, 'bare.db'), DIMENSIONS)
  const write = async (data: Batch): Promise<void> => {
    await collection.addIntents(data.intents)
    await collection.put(data.writes)
    await space.replace(data.documents)
    await collection.removeIntents(data.intents)
  }
  const adapterTimes: Time[] = []
  const bareTimes: Time[] = []
  for (let round = 0; round < WRITE_ROUNDS; round += 1) {
    const batches = Array.from({ length: BATCHES }, makeBatch)
    const rows = batches.map(({ documents }) => documentRows(documents))
    const queue = batches.values()
    const work = async (): Promise<void> => {
      for (const data of queue) await write(data)
    }
    adapterTimes.push(await time(() => Promise.all(Array.from({ length: CONCURRENCY }, work))))
    bareTimes.push(
      await time(() => {
        for (const [i, { intents, writes }] of batches.entries()) {
          bare.addIntents(intents)
          bare.put(writes)
          bare.addPoints(rows[i] ?? [])
          bare.removeIntents(intents)
        }
      }),
    )
  }
  bare.close()
  await collection.close()
  await space.close()
  const [adapter, plain] = [medians(adapterTimes), medians(bareTimes)]
  table.push({
    what: `write batches of ${BATCH}: intents, 1 KB rows, ${DIMENSIONS}-dim points`,
    unit: 'documents/s',
    adapter: Math.round((BATCHES * BATCH * 1000) / adapter.wall),
    bare: Math.round((BATCHES * BATCH * 1000) / plain.wall),
    ratio: round(adapter.wall / plain.wall),
    cpuRatio: round(adapter.cpu / plain.cpu),
    allowed: 2,
  })
}

interface Batch {
  readonly intents: Intent[]
  readonly writes: PutRow[]
  readonly documents: DocumentPoints[]
}

function makeBatch(): Batch {
  const refs = Array.from({ length: BATCH }, () => {
    version += 1
    return {
      namespace: ['users', `u${version % 100}`],
      key: randomUUID(),
      version: `${String(version).padStart(16, '0')}-aaaaaaaaaaaa`,
    }
  })
  return {
    intents: refs.map((ref) => ({ kind: 'document', space: 'bench', ...ref })),
    writes: refs.map((ref) => ({
      row: { ...ref, value: `{"text":"${randomBytes(500).toString('hex')}"}`, createdAt: 1, updatedAt: 1 },
    })),
    documents: refs.map((ref, i) => ({
      ...ref,
      values: { lang: { strings: [i % 10 === 0 ? 'de' : 'en'] }, year: { numbers: [2000 + (i % 25)] } },
      fingerprint: 'bench',
      points: [{ id: randomUUID(), field: '$', part: 0, hash: ref.key, vector: randomVector(DIMENSIONS) }],
    })),
  }
}

/** Searches among many vectors: all, one namespace of a hundred, and with filters. */
async function querying(): Promise<void> {
  const path = join(directory, 'query.db')
  const { vectors } = sqlite({ path })
  const filterable = { lang: 'keyword' } as const
  const space = await vectors.open({ name: 'bench', dimensions: DIMENSIONS, metric: 'cosine', filterable })
  const bare = new DatabaseSync(join(directory, 'bare-query.db'), { allowExtension: true })
  bare.loadExtension(getLoadablePath())
  bare.exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = normal; PRAGMA cache_size = -65536;
    CREATE TABLE point (id INTEGER PRIMARY KEY, namespace TEXT, lang TEXT, year INTEGER, vector BLOB);
    CREATE INDEX by_namespace ON point (namespace)`)
  const insert = bare.prepare('INSERT INTO point (namespace, lang, year, vector) VALUES (?, ?, ?, ?)')
  for (let done = 0; done < VECTORS; done += BATCH) {
    const { documents } = makeBatch()
    await space.replace(documents)
    bare.exec('BEGIN')
    for (const { namespace, values, points } of documents) {
      const lang = values.lang?.strings?.[0] as string
      insert.run(namespace.join('/'), lang, values.year?.numbers?.[0] as number, points[0]?.vector as Float32Array)
    }
    bare.exec('COMMIT')
  }
  const german: Filter = { op: 'in', path: 'lang', values: ['de'] }
  const english: Filter = { op: 'in', path: 'lang', values: ['en'] }
  const late: Filter = { op: 'range', path: 'year', on: 'numbers', compare: 'gte', value: 2020 }
  const cases: { what: string; where: string; prefix: string[]; filter?: Filter; allowed?: number }[] = [
    { what: 'all', where: '1', prefix: [], allowed: 1.2 },
    { what: 'a prefix of all', where: "namespace >= 'users/' AND namespace < 'users0'", prefix: ['users'] },
    { what: 'a namespace of 1 %', where: "namespace = 'users/u7'", prefix: ['users', 'u7'] },
    { what: 'a declared path, 10 %', where: "lang = 'de'", prefix: [], filter: german },
    { what: 'a declared path, 90 %', where: "lang = 'en'", prefix: [], filter: english },
    { what: 'another path, 20 %', where: 'year >= 2020', prefix: [], filter: late },
  ]
  for (const { what, where, prefix, filter, allowed } of cases) {
    const sql = `SELECT id, vec_distance_cosine(vector, ?) AS distance FROM point WHERE ${where} ORDER BY distance LIMIT 10`
    const statement = bare.prepare(sql)
    const adapterTimes: Time[] = []
    const bareTimes: Time[] = []
    for (let round = 0; round < QUERY_ROUNDS; round += 1) {
      const vector = randomVector(DIMENSIONS)
      adapterTimes.push(await time(() => space.query({ vector, prefix, filter, now: 1, limit: 10 })))
      bareTimes.push(await time(() => statement.all(vector)))
    }
    const [adapter, plain] = [medians(adapterTimes), medians(bareTimes)]
    table.push({
      what: `query ${VECTORS} vectors: ${what}`,
      unit: 'ms',
      adapter: round(adapter.wall),
      bare: round(plain.wall),
      ratio: round(adapter.wall / plain.wall),
      cpuRatio: round(adapter.cpu / plain.cpu),
      ...(allowed !== undefined && { allowed }),
    })
  }
  bare.close()
  await space.close()
}

/**
 * The longest that the event loop was held while batches were written and all vectors searched at the same time,
 * milliseconds.
 */
async function longestDelay(): Promise<number> {
  const { kv, vectors } = sqlite({ path: join(directory, 'query.db') })
  const collection = await kv.open('bench')
  const space = await vectors.open({ name: 'bench', dimensions: DIMENSIONS, metric: 'cosine', filterable: {} })
  const batches = Array.from({ length: BATCHES }, makeBatch)
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  // What making the batches has cost falls on the first readings.
  await setTimeout(100)
  loop.reset()
  for (const { intents, writes, documents } of batches) {
    await Promise.all([
      collection.addIntents(intents),
      collection.put(writes),
      space.replace(documents),
      space.query({ vector: randomVector(DIMENSIONS), prefix: [], now: 1, limit: 10 }),
      collection.list({ prefix: [], limit: 1000 }),
    ])
  }
  loop.disable()
  await collection.close()
  await space.close()
  return loop.max / 1e6
}
