import { OpenAIEmbeddings } from '@langchain/openai'
import { QdrantVectorStore } from '@langchain/qdrant'
import { openai } from '@tandemstore/embed-openai'
import { type Measurement, measurement, median, timed } from '../../packages/core/bench/measure.ts'
import type { Databases } from './databases.ts'
import { makeDocuments } from './documents.ts'
import {
  CALLS_AT_A_TIME,
  MODEL,
  type RemoteAddress,
  type RemoteEmbedder,
  startRemoteEmbedder,
  TEXTS_PER_CALL,
} from './remote-embedder.ts'

const DOCUMENTS = 5000
/** LangChain sends all points of a call in one request, and Qdrant takes 32 MiB: 5,000 at once are refused. */
const PER_CALL = 2500
const SINGLES = 60

/**
 * Documents per second until they are searchable, with a remote embedder. Tandem stores them in Cassandra as well; LangChain has them in the
 * points alone.
 */
export async function measureLangChain(databases: Databases, rounds: number): Promise<Measurement[]> {
  const embedder = startRemoteEmbedder()
  try {
    return await compareWithLangChain(databases, embedder, rounds)
  } finally {
    await embedder.stop()
  }
}

async function compareWithLangChain(databases: Databases, embedder: RemoteEmbedder, rounds: number) {
  const rates: Record<'many' | 'addMany' | 'puts' | 'addOne', number[]> = {
    many: [],
    addMany: [],
    puts: [],
    addOne: [],
  }
  for (let round = -1; round < rounds; round += 1) {
    const prefix = `chain${round + 1}_`
    const rate = async (count: number, run: (address: RemoteAddress) => Promise<number>): Promise<number> =>
      count / ((await run(await embedder.begin(1000 + round))) / 1000)
    const sides: Record<keyof typeof rates, () => Promise<number>> = {
      many: () => rate(DOCUMENTS, (address) => putMany(databases, `${prefix}many_`, address)),
      addMany: () =>
        rate(DOCUMENTS, (address) => addDocuments(databases, `${prefix}add`, address, DOCUMENTS, PER_CALL)),
      puts: () => rate(DOCUMENTS, (address) => putEach(databases, `${prefix}puts_`, address)),
      addOne: () => rate(SINGLES, (address) => addDocuments(databases, `${prefix}one`, address, SINGLES, 1)),
    }
    const names = Object.keys(sides) as (keyof typeof rates)[]
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const result = await sides[name]()
      if (round >= 0) rates[name].push(result)
    }
    await databases.dropCollections(prefix)
  }
  const compared = (tandem: 'many' | 'puts', bare: 'addMany' | 'addOne') => ({
    tandem: median(rates[tandem]),
    bare: median(rates[bare]),
  })
  return [
    measurement('putMany and flush: LangChain addDocuments', compared('many', 'addMany'), 'documents/s', {
      atLeast: 1,
    }),
    measurement(
      'awaited puts and flush: LangChain awaited addDocuments of one',
      compared('puts', 'addOne'),
      'documents/s',
      { atLeast: 50 },
    ),
  ]
}

let names = 0

function newDocuments(count: number): ReturnType<typeof makeDocuments> {
  names += 1
  return makeDocuments(`chain${names}`, count)
}

async function openStore(databases: Databases, prefix: string, { url, apiKey }: RemoteAddress) {
  const limits = { maxInputs: TEXTS_PER_CALL, maxConcurrency: CALLS_AT_A_TIME }
  return databases.openStore({ prefix, embedder: openai({ model: MODEL, baseURL: url, apiKey, limits }) })
}

async function putMany(databases: Databases, prefix: string, address: RemoteAddress): Promise<number> {
  const store = await openStore(databases, prefix, address)
  const documents = newDocuments(DOCUMENTS)
  const ms = await timed(async () => {
    const { failed } = await store.putMany(documents)
    if (failed[0] !== undefined) throw failed[0].error
    await store.flush()
  })
  await store.close()
  return ms
}

async function putEach(databases: Databases, prefix: string, address: RemoteAddress): Promise<number> {
  const store = await openStore(databases, prefix, address)
  const documents = newDocuments(DOCUMENTS)
  const ms = await timed(async () => {
    for (const { namespace, key, value } of documents) await store.put(namespace, key, value)
    await store.flush()
  })
  await store.close()
  return ms
}

async function addDocuments(
  { qdrantUrl }: Databases,
  collectionName: string,
  { url, apiKey }: RemoteAddress,
  count: number,
  perCall: number,
): Promise<number> {
  const embeddings = new OpenAIEmbeddings({
    model: MODEL,
    apiKey,
    batchSize: TEXTS_PER_CALL,
    maxConcurrency: CALLS_AT_A_TIME,
    configuration: { baseURL: url },
  })
  const store = new QdrantVectorStore(embeddings, { url: qdrantUrl, collectionName })
  await store.ensureCollection()
  const documents = newDocuments(count).map(({ namespace, key, value: { text, ...rest } }) => ({
    pageContent: text,
    metadata: { ...rest, namespace, key },
  }))
  return timed(async () => {
    for (let from = 0; from < count; from += perCall) await store.addDocuments(documents.slice(from, from + perCall))
  })
}
