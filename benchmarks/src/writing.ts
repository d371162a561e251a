import type { Store } from '@tandemstore/core'
import { measurement, median, timed } from '../../packages/core/bench/measure.ts'
import { type Bare, type BareWrite, inWindow, makeBare, stamped } from './bare.ts'
import type { Databases } from './databases.ts'
import { type BenchDocument, instantEmbedder, makeDocuments } from './documents.ts'
import { comparison, type Line } from './report.ts'

const DOCUMENTS = 5000
/** Requests to Qdrant at the same time, and documents in each: as many as Tandem has under way. */
const REQUESTS = 4
const PER_REQUEST = 500
/** Statements to Cassandra at the same time for each of those. */
const STATEMENTS = 128
/** Awaited calls of one side before it is another one's turn. */
const CALLS = 500

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

/** Awaited puts in mode `background` against awaited inserts: in turns of many calls, each with the databases to itself. */
export async function measurePut(databases: Databases, rounds: number): Promise<Line[]> {
  const prefix = 'put_'
  const store = await databases.openStore({ prefix, embedder: instantEmbedder })
  const bare = await makeBare(databases, store, prefix)
  const sides: Record<'put' | 'insert' | 'intentAndInsert', (document: BenchDocument) => Promise<unknown>> = {
    put: ({ namespace, key, value }) => store.put(namespace, key, value),
    insert: (document) => bare.putDocument(stamped(document)),
    intentAndInsert: async (document) => {
      const write = stamped(document)
      await bare.addIntent(write)
      await bare.putDocument(write)
    },
  }
  const took: Record<keyof typeof sides, number[]> = { put: [], insert: [], intentAndInsert: [] }
  const names = Object.keys(sides) as (keyof typeof sides)[]
  for (let round = -1; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      for (const document of makeDocuments(`${name}${round}`, CALLS)) {
        const ms = await timed(() => sides[name](document))
        if (round >= 0) took[name].push(ms)
      }
      await store.flush()
    }
  }
  await store.close()
  await databases.dropCollections(prefix)
  const against = (name: 'insert' | 'intentAndInsert') => ({ tandem: median(took.put), bare: median(took[name]) })
  return [
    measurement('put in background mode: insert, p50', against('insert'), 'ms', { atMost: 2.5 }),
    comparison('… intent and insert, p50', against('intentAndInsert'), 'ms'),
  ]
}
