import type { Store } from '@tandemstore/core'
import { measurement, median, timed } from '../../packages/core/bench/measure.ts'
import { type Bare, type BareWrite, inWindow, makeBare, stamped } from './bare.ts'
import type { Databases } from './databases.ts'
import { type BenchDocument, instantEmbedder, makeDocuments } from './documents.ts'
import { inTurns, type Latencies, percentile } from './latencies.ts'
import { comparison, type Line } from './report.ts'

const DOCUMENTS = 5000
/** Requests to Qdrant at the same time, and documents in each: as many as Tandem has under way. */
const REQUESTS = 4
const PER_REQUEST = 500
/** Statements to Cassandra at the same time for each of those. */
const STATEMENTS = 128

type Side = 'tandem' | 'withIntents' | 'withoutIntents'

/** putMany against loops of the same statements and the same upserts, each into a Qdrant collection of its own. */
export async function measurePutMany(databases: Databases, rounds: number): Promise<Line[]> {
  const rates: Record<Side, number[]> = { tandem: [], withIntents: [], withoutIntents: [] }
  const cpu: Record<Side, number[]> = { tandem: [], withIntents: [], withoutIntents: [] }
  const sides = Object.keys(rates) as Side[]
  for (let round = -1; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const name = `${side.toLowerCase()}${round + 1}_`
      const store = await databases.openStore({ prefix: name, embedder: instantEmbedder })
      const bare = await makeBare(databases, store, name)
      const before = process.cpuUsage()
      const ms = await timed(() =>
        side === 'tandem' ? putAll(store, name) : writeAll(bare, { name, intents: side === 'withIntents' }),
      )
      const { user, system } = process.cpuUsage(before)
      await store.close()
      await databases.dropCollections(name)
      if (round < 0) continue
      rates[side].push(DOCUMENTS / (ms / 1000))
      cpu[side].push((user + system) / DOCUMENTS)
    }
  }
  const throughput = (tandem: Side, bare: Side) => ({ tandem: median(rates[tandem]), bare: median(rates[bare]) })
  const processor = { tandem: median(cpu.tandem), bare: median(cpu.withIntents) }
  const unit = 'documents/s'
  return [
    measurement('putMany and flush: bare loop with intents', throughput('tandem', 'withIntents'), unit, {
      atLeast: 0.7,
    }),
    comparison('… processor time of this process', processor, 'µs/document'),
    comparison('… bare loop without intents', throughput('tandem', 'withoutIntents'), unit),
    comparison('What intents cost: the bare loop without', throughput('withIntents', 'withoutIntents'), unit),
  ]
}

async function putAll(store: Store, name: string): Promise<void> {
  const { failed } = await store.putMany(makeDocuments(name, DOCUMENTS))
  if (failed[0] !== undefined) throw failed[0].error
  await store.flush()
}

async function writeAll(bare: Bare, { name, intents }: { readonly name: string; readonly intents: boolean }) {
  const writes = makeDocuments(name, DOCUMENTS).map(stamped)
  await inWindow(chunks(writes, PER_REQUEST), REQUESTS, async (chunk) => {
    if (intents) await inWindow(chunk, STATEMENTS, bare.addIntent)
    await inWindow(chunk, STATEMENTS, bare.putDocument)
    await bare.upsert(chunk)
    if (intents) await inWindow(chunk, STATEMENTS, bare.removeIntent)
  })
}

function* chunks(writes: readonly BareWrite[], size: number): Generator<readonly BareWrite[]> {
  for (let from = 0; from < writes.length; from += size) yield writes.slice(from, from + size)
}

/** Awaited puts in mode `background` against inserts: in turns, and each by itself, where the work of puts in the background falls on puts alone. */
export async function measurePut(databases: Databases, calls: number): Promise<Line[]> {
  const prefix = 'put_'
  const store = await databases.openStore({ prefix, embedder: instantEmbedder })
  const bare = await makeBare(databases, store, prefix)
  const documents = makeDocuments('put', calls * 10)
  const next = () => documents.pop() as BenchDocument
  const put = () => {
    const { namespace, key, value } = next()
    return store.put(namespace, key, value)
  }
  const insert = () => bare.putDocument(stamped(next()))
  const intentAndInsert = async () => {
    const write = stamped(next())
    await bare.addIntent(write)
    await bare.putDocument(write)
  }
  const inTurn = await inTurns(calls, { put, insert, intentAndInsert })
  await store.flush()
  const { put: putAlone } = await inTurns(calls, { put })
  await store.flush()
  const { insert: insertAlone } = await inTurns(calls, { insert })
  await store.close()
  await databases.dropCollections(prefix)
  const at50 = (tandem: Latencies, bare: Latencies) => ({ tandem: percentile(tandem, 50), bare: percentile(bare, 50) })
  return [
    measurement('put in background mode: insert, in turns, p50', at50(inTurn.put, inTurn.insert), 'ms', {
      atMost: 2.5,
    }),
    comparison('… intent and insert, p50', at50(inTurn.put, inTurn.intentAndInsert), 'ms'),
    comparison('… insert with nothing in the background, p50', at50(putAlone, insertAlone), 'ms'),
  ]
}
