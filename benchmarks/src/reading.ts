import type { PutManyDocument } from '@tandemstore/core'
import { encodeNamespace } from '@tandemstore/core/adapter'
import { measurement } from '../../packages/core/bench/measure.ts'
import { type Bare, collectionOf, inWindow, makeBare, stamped } from './bare.ts'
import type { Databases } from './databases.ts'
import { instantEmbedder, makeDocuments, someVector } from './documents.ts'
import { inTurns, type Latencies, percentile } from './latencies.ts'
import type { Line } from './report.ts'

const DOCUMENTS = 10_000
const KEYS = 100
const LIMIT = 10

/** get, getMany and search against the bare drivers, on the same rows and the same points. */
export async function measureReading(databases: Databases, calls: number): Promise<Line[]> {
  const prefix = 'read_'
  const store = await databases.openStore({ prefix, embedder: instantEmbedder })
  const bare = await makeBare(databases, store, prefix)
  const documents = makeDocuments('read', DOCUMENTS)
  await store.putMany(documents)
  await store.flush()
  await inWindow(documents, 128, (document) => bare.putDocument(stamped(document)))
  const { qdrant } = databases
  const points = await collectionOf(qdrant, prefix)
  await untilIndexed(databases, points)
  const some = (round: number): PutManyDocument => documents[(round * 7919) % DOCUMENTS] as PutManyDocument
  const many = (round: number): PutManyDocument[] => Array.from({ length: KEYS }, (_, i) => some(round * KEYS + i))

  const one = await inTurns(calls, {
    tandem: (round) => store.get(some(round).namespace, some(round).key),
    bare: (round) => bare.getDocument(some(round)),
  })
  const hundred = await inTurns(calls / 10, {
    tandem: (round) => store.getMany(many(round)),
    bare: (round) => Promise.all(many(round).map(bare.getDocument)),
  })
  const search = await inTurns(calls, {
    tandem: () => store.search(['users'], { vector: someVector(), limit: LIMIT }),
    grouped: () => searchBare(databases, points, bare, true),
    plain: () => searchBare(databases, points, bare, false),
  })
  await store.close()
  await databases.dropCollections(prefix)
  const line = (name: string, tandem: Latencies, other: Latencies, percent: number): Line =>
    measurement(
      `${name}, p${percent}`,
      { tandem: percentile(tandem, percent), bare: percentile(other, percent) },
      'ms',
      { atMost: 1.2 },
    )
  return [
    line('get', one.tandem, one.bare, 50),
    line(`getMany of ${KEYS}`, hundred.tandem, hundred.bare, 50),
    line('search: the same grouped query and the reads', search.tandem, search.grouped, 50),
    line('search: the same grouped query and the reads', search.tandem, search.grouped, 95),
    line('search: a query without groups and the reads', search.tandem, search.plain, 50),
    line('search: a query without groups and the reads', search.tandem, search.plain, 95),
  ]
}

/** What a program without Tandem would do: ask Qdrant under the same prefix, then read the documents. */
async function searchBare({ qdrant }: Databases, points: string, bare: Bare, grouped: boolean): Promise<unknown[]> {
  const request = {
    query: Array.from(someVector()),
    filter: {
      must: [{ key: 'prefixes', match: { value: `s${encodeNamespace(['users'])}` } }],
      must_not: [{ key: 'expires', range: { lte: Date.now() } }],
    },
    limit: LIMIT,
    with_payload: ['namespace', 'key'],
  }
  const found = grouped
    ? (await qdrant.queryGroups(points, { ...request, group_by: 'document', group_size: 1 })).groups.map(
        ({ hits }) => hits[0],
      )
    : (await qdrant.query(points, request)).points
  const refs = found.map((point) => point?.payload as { namespace: string[]; key: string })
  if (refs.length !== LIMIT) throw new Error(`Qdrant found ${refs.length} of ${LIMIT}`)
  return Promise.all(refs.map((ref) => bare.getDocument(ref)))
}

/** Waits until Qdrant has no optimisation left to do, so that all sides search the same graph. */
async function untilIndexed({ qdrant }: Databases, points: string): Promise<void> {
  for (;;) {
    const { status } = await qdrant.getCollection(points)
    if (status === 'green') return
    if (status === 'red') throw new Error('Qdrant could not index the points')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
