import { createStore, type PutManyDocument } from '@tandemstore/core'
import { refId } from '@tandemstore/core/adapter'
import { fakeEmbedder } from '@tandemstore/testkit'
import { afterAll, expect, test } from 'vitest'
import { randomFrom } from '../src/random.ts'
import { connect, deleteEverything, newConnection } from './databases.ts'
import { tell } from './report.ts'
import { seed, tenants } from './scale.ts'
import { describeWithServices } from './services.ts'
import { inWindow } from './window.ts'

const collection = 'tenants'
const dimensions = 24
const perNamespace = 50
const limit = 10
const words = 400

describeWithServices('many tenants in one space', ({ cassandra, qdrant }) => {
  const connection = newConnection(cassandra, qdrant)
  afterAll(() => deleteEverything(connection))

  const random = randomFrom(seed)
  const text = (): string => Array.from({ length: 6 }, () => `w${Math.floor(random() * words)}`).join(' ')
  /** Ten users in each organisation, so that a prefix is one namespace, ten, or all. */
  const namespaceOf = (number: number): string[] => [`org${Math.floor(number / 10)}`, `user${number % 10}`]

  const title = `recall@${limit} of ${tenants.count} namespaces of ${perNamespace} documents, by prefix, against an exact scan, is at least 0.99`
  test(title, async ({ task }) => {
    // Thresholds so low (in kB) that Qdrant builds a graph of so few small vectors, and searches by it.
    const settings = { hnsw: { full_scan_threshold: 10 }, optimizers: { indexing_threshold: 100 } }
    const embedder = fakeEmbedder({ dimensions, limits: { maxInputs: 256 } })
    const store = await createStore({
      collection,
      ...connect(connection, settings),
      embedder,
      index: { fields: ['text'] },
      maxPending: 5000,
    })
    const documents: PutManyDocument<{ readonly text: string }>[] = []
    for (let number = 0; number < tenants.count; number += 1) {
      const namespace = namespaceOf(number)
      for (let i = 0; i < perNamespace; i += 1) documents.push({ namespace, key: String(i), value: { text: text() } })
    }
    const begun = performance.now()
    const { written, indexed } = await store.putMany(documents)
    expect([written, await indexed]).toEqual([documents.length, documents.length])
    const ingestSeconds = (performance.now() - begun) / 1000
    const graph = await waitForGraph(documents.length)

    const vectorsOf = async (texts: readonly string[], purpose: 'document' | 'query'): Promise<Float32Array[]> =>
      (await embedder.embed(texts, { purpose })).vectors.map((vector) => Float32Array.from(vector))
    const vectors = await vectorsOf(
      documents.map(({ value }) => value.text),
      'document',
    )
    const all = documents.map((document, i) => ({ ...document, vector: vectors[i] as Float32Array }))

    const prefixes: string[][] = [[]]
    for (let i = 1; i < tenants.compared; i += 1) {
      const namespace = namespaceOf(Math.floor(random() * tenants.count))
      prefixes.push(i % 5 === 0 ? namespace.slice(0, 1) : i % 20 === 1 ? [] : namespace)
    }
    const recalls = await inWindow(prefixes, 4, async (prefix) => {
      const query = text()
      const [vector] = (await vectorsOf([query], 'query')) as [Float32Array]
      const under = all.filter(({ namespace }) => prefix.every((label, depth) => namespace[depth] === label))
      const scores = new Map(under.map((document) => [refId(document), dot(vector, document.vector)]))
      const tenth = [...scores.values()].sort((a, b) => b - a)[limit - 1] as number
      const hits = await store.search(prefix, { query, limit })
      expect(hits).toHaveLength(limit)
      // Of documents with the same score any is right. One from outside the prefix has none.
      const right = hits.filter(({ document }) => (scores.get(refId(document)) ?? -1) >= tenth - 1e-6)
      for (const { document } of hits) expect(scores.has(refId(document))).toBe(true)
      return { depth: prefix.length, recall: right.length / limit }
    })
    await store.close()
    const at = (depth: number): number => {
      const some = recalls.filter((each) => each.depth === depth)
      return some.reduce((sum, { recall }) => sum + recall, 0) / some.length
    }
    tell(task, {
      seed,
      documents: `${documents.length}, stored and indexed in ${ingestSeconds.toFixed(1)} s`,
      index: graph,
      'recall@10 under one namespace': at(2).toFixed(4),
      'recall@10 under ten namespaces': at(1).toFixed(4),
      'recall@10 over all': at(0).toFixed(4),
      asserted: 'no hit from outside the prefix',
    })
    for (const depth of [0, 1, 2]) expect(at(depth), `recall under ${depth} labels`).toBeGreaterThanOrEqual(0.99)
  })

  /** Waits until Qdrant has done what it does in the background, and says what the vectors are searched by. */
  async function waitForGraph(points: number): Promise<string> {
    // Qdrant's engine without its server has no optimizers: it compares every vector.
    if (qdrant.way === 'edge') return 'none: this is the engine alone, which compares every vector'
    const headers = qdrant.apiKey === undefined ? {} : { 'api-key': qdrant.apiKey }
    const get = async (path: string): Promise<Record<string, unknown>> => {
      const response = await fetch(`${qdrant.url.replace(/\/$/, '')}/collections${path}`, { headers })
      return ((await response.json()) as { result: Record<string, unknown> }).result
    }
    const { collections } = (await get('')) as { collections: { name: string }[] }
    const name = collections.map((each) => each.name).find((each) => each.startsWith(connection.name))
    let info: Record<string, unknown> = {}
    await expect
      .poll(
        async () => {
          info = await get(`/${name}`)
          return info.status === 'green' && Number(info.indexed_vectors_count) > points / 2
        },
        { timeout: 300_000, interval: 500 },
      )
      .toBe(true)
    return `HNSW over ${info.indexed_vectors_count} vectors in ${info.segments_count} segments`
  }
})

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, each, i) => sum + each * (b[i] as number), 0)
}
