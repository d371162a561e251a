import { randomUUID } from 'node:crypto'
import type { QdrantClient } from '@qdrant/js-client-rest'
import type { PutManyDocument, Store } from '@tandemstore/core'
import type { types } from 'cassandra-driver'
import { COLLECTION, type Databases, KEYSPACE } from './databases.ts'
import { makeDocuments, someVector } from './documents.ts'

type BareDocument = Pick<PutManyDocument, 'namespace' | 'key' | 'value'>

/** What a program without Tandem would send to the same tables and the same Qdrant collection. */
export interface Bare {
  addIntent(write: BareWrite): Promise<unknown>
  putDocument(write: BareWrite): Promise<unknown>
  removeIntent(write: BareWrite): Promise<unknown>
  /** One request: points that give way to newer ones, as those of Tandem do. */
  upsert(writes: readonly BareWrite[]): Promise<unknown>
  getDocument(document: Pick<BareDocument, 'namespace' | 'key'>): Promise<unknown>
}

export interface BareWrite {
  readonly document: BareDocument
  readonly micros: number
}

const WRITER = 'bare00000000'
const INTENT_SHARDS = 16
const BUCKETS = 8
const DONE = 'completed'

let lastMicros = 0

/** Gives a document a version, later than every one before. */
export function stamped(document: BareDocument): BareWrite {
  lastMicros = Math.max(lastMicros + 1, Date.now() * 1000)
  return { document, micros: lastMicros }
}

/** For the tables and the Qdrant collection of a store. Points get the payload of one of the store's, so that they are as large. */
export async function makeBare({ cassandra, qdrant }: Databases, store: Store, prefix: string): Promise<Bare> {
  const [sample] = makeDocuments('sample', 1) as unknown as [PutManyDocument]
  await store.put(sample.namespace, sample.key, sample.value, { sync: 'wait' })
  const points = await collectionOf(qdrant, prefix)
  const { points: found } = await qdrant.scroll(points, { limit: 1, with_payload: true })
  const payload = found[0]?.payload
  await store.delete(sample.namespace, sample.key, { sync: 'wait' })

  const table = (suffix: string): string => `"${KEYSPACE}"."${COLLECTION}_${suffix}"`
  const statements = {
    addIntent: `INSERT INTO ${table('intents')} (space, minute, shard, version, kind, namespace, "key", failure) VALUES (?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    removeIntent: `DELETE FROM ${table('intents')} USING TIMESTAMP ? WHERE space = ? AND minute = ? AND shard = ? AND version = ? AND kind = ? AND namespace = ? AND "key" = ?`,
    put: `UPDATE ${table('documents')} USING TIMESTAMP ? AND TTL ? SET document = ? WHERE namespace = ? AND bucket = ? AND "key" = ?`,
    get: `SELECT document FROM ${table('documents')} WHERE namespace = ? AND bucket = ? AND "key" = ?`,
  }
  const send = (query: string, params: unknown[]): Promise<types.ResultSet> =>
    cassandra.execute(query, params, { prepare: true, consistency: 6 })
  const place = ({ namespace, key }: Pick<BareDocument, 'namespace' | 'key'>): [string, number, string] => [
    `bare\0${namespace.join('\0')}`,
    sum(key) % BUCKETS,
    key,
  ]
  const intent = ({ document: { namespace, key }, micros }: BareWrite): unknown[] => [
    'bare',
    Math.floor(micros / 60_000_000),
    sum(key) % INTENT_SHARDS,
    `${micros}-${WRITER}`,
    'document',
    namespace.join('\0'),
    key,
  ]
  return {
    addIntent: (write) => send(statements.addIntent, [...intent(write), '', String(write.micros)]),
    removeIntent: (write) => send(statements.removeIntent, [String(write.micros + 1), ...intent(write)]),
    putDocument({ document, micros }) {
      const head = JSON.stringify({ micros, createdAt: Date.now(), updatedAt: Date.now() })
      const text = `${WRITER} ${'-'.repeat(16)} ${head}\n${JSON.stringify(document.value)}`
      return send(statements.put, [String(micros), 0, text, ...place(document)])
    },
    async upsert(writes) {
      const upserted = writes.map(({ document: { key }, micros }) => ({
        id: randomUUID(),
        vector: Array.from(someVector()),
        payload: { ...payload, document: key.padEnd(43, '-'), key, micros },
      }))
      const should = upserted.map(({ id, payload: { micros } }) => ({
        must: [
          { has_id: [id] },
          {
            should: [
              { key: 'micros', range: { lt: micros } },
              {
                must: [
                  { key: 'micros', range: { gte: micros, lte: micros } },
                  { key: 'writer', range: { lte: 1 } },
                ],
              },
            ],
          },
        ],
      }))
      const operations = [{ upsert: { points: upserted, update_filter: { should } } }]
      const results = await onceMore(() => qdrant.batchUpdate(points, { operations, wait: true }))
      if (results.some(({ status }) => status !== DONE)) throw new Error('Qdrant did not complete an upsert')
    },
    async getDocument(document) {
      const { rows } = await send(statements.get, place(document))
      const text: string = rows[0]?.document
      return JSON.parse(text.slice(text.indexOf('\n') + 1))
    },
  }
}

/** A rolling window: starts the next job as soon as one has ended. */
export async function inWindow<Item>(
  items: Iterable<Item>,
  width: number,
  run: (item: Item) => Promise<unknown>,
): Promise<void> {
  const left = items[Symbol.iterator]()
  const worker = async (): Promise<void> => {
    for (let item = left.next(); !item.done; item = left.next()) await run(item.value)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

/** Qdrant closes connections that were idle for 5 s, and its client may be about to use one. */
function onceMore<Result>(call: () => Promise<Result>): Promise<Result> {
  return call().catch((error: unknown) => {
    if (error instanceof TypeError) return call()
    throw error
  })
}

function sum(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) >>> 0
  return hash
}

/** The only collection whose name begins so. */
export async function collectionOf(qdrant: QdrantClient, prefix: string): Promise<string> {
  const { collections } = await qdrant.getCollections()
  const [found, ...others] = collections.filter(({ name }) => name.startsWith(prefix))
  if (found === undefined || others.length > 0) throw new Error(`There is not one collection of ${prefix}`)
  return found.name
}
