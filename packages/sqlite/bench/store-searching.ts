import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createStore } from '@tandemstore/core'
import { sqlite } from '@tandemstore/sqlite'
import { getLoadablePath } from 'sqlite-vec'
import { randomVector } from './bare.ts'
import { medians, type Time, time } from './measure.ts'
import { instantEmbedder, makeDocument } from './store-parts.ts'

const DIMENSIONS = 384
const DOCUMENT_BYTES = 1000
const LIMIT = 10
const WARM_UP = 2

/**
 * Compares a search by vector among so many documents with the bare SQL on the same file: the nearest points, and
 * their documents read.
 */
export async function compareSearching(
  directory: string,
  documents: number,
  rounds: number,
): Promise<{ readonly store: Time; readonly bare: Time }> {
  const path = join(directory, 'search.db')
  const store = await createStore({
    collection: 'bench',
    ...sqlite({ path }),
    embedder: instantEmbedder(DIMENSIONS),
    index: { fields: ['text'] },
  })
  const { indexed } = await store.putMany(
    (function* () {
      for (let i = 0; i < documents; i += 1) yield makeDocument(i, DOCUMENT_BYTES)
    })(),
  )
  await indexed
  const bare = bareSearch(path)
  const storeTimes: Time[] = []
  const bareTimes: Time[] = []
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const vector = randomVector(DIMENSIONS)
    const found: string[][] = []
    const bareTime = await time(() => found.push(bare.search(vector)))
    const storeTime = await time(async () => {
      const hits = await store.search([], { vector, limit: LIMIT })
      found.push(hits.map(({ document }) => document.key))
    })
    if (String(found[0]) !== String(found[1])) throw new Error(`The bare SQL found ${found[0]}, the store ${found[1]}`)
    if (round < 0) continue
    bareTimes.push(bareTime)
    storeTimes.push(storeTime)
  }
  bare.close()
  await store.close()
  return { store: medians(storeTimes), bare: medians(bareTimes) }
}

function bareSearch(path: string): { search(vector: Float32Array): string[]; close(): void } {
  const db = new DatabaseSync(path, { allowExtension: true })
  db.loadExtension(getLoadablePath())
  db.exec('PRAGMA cache_size = -65536')
  const nearest = db.prepare(
    `SELECT id, vec_distance_cosine(vector, ?) AS distance FROM space_1_point ORDER BY distance LIMIT ${LIMIT}`,
  )
  const read = db.prepare(
    `SELECT document.key, document.value FROM space_1_document AS place JOIN document USING (namespace, key)
     WHERE place.id = ? / 65536 AND document.collection = 1`,
  )
  return {
    search: (vector) =>
      nearest.all(vector).map((point) => {
        const row = read.get(point.id as number)
        JSON.parse(row?.value as string)
        return String(Buffer.from(row?.key as Uint8Array))
      }),
    close: () => db.close(),
  }
}
