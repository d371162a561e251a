import type { Store } from '@tandemstore/core'
import { refId } from '@tandemstore/core/adapter'
import { fakeEmbedder } from '@tandemstore/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Backend, backendKinds } from '../../src/backends.ts'
import { type CorpusDocument, document, filterCase, labels, prefix, sentence } from '../../src/corpus.ts'
import { makeRig, type Rig } from '../../src/rig.ts'

const runs = Number(process.env.TANDEM_RUNS ?? 150)
const seed = Number(process.env.TANDEM_SEED ?? Date.now() & 0x7fffffff)
const metrics = ['cosine', 'euclidean'] as const

const cases = backendKinds.flatMap(({ name, make }) => metrics.map((metric) => ({ name, make, metric })))

describe.each(cases)('search on $name by $metric', ({ make, metric }) => {
  let backend: Backend
  let rig: Rig
  let store: Store
  const corpus = new Map<string, CorpusDocument>()
  const vectors = new Map<string, Float32Array>()

  beforeAll(async () => {
    console.log(`TANDEM_SEED=${seed} TANDEM_RUNS=${runs}`)
    backend = await make()
    rig = await makeRig(backend, { index: { fields: ['title', 'body'], metric, filterable: { lang: 'keyword' } } })
    store = (await rig.start()).store
    for (const each of fc.sample(document, { seed, numRuns: 300 })) corpus.set(refId(each), each)
    const { written, failed } = await store.putMany(corpus.values(), { sync: 'wait' })
    expect(failed).toEqual([])
    expect(written).toBe(corpus.size)
  })

  afterAll(async () => {
    await rig.end()
    await backend.cleanup()
  })

  async function vectorOf(text: string): Promise<Float32Array> {
    let vector = vectors.get(text)
    if (vector === undefined) {
      const { vectors: made } = await fakeEmbedder().embed([text], { purpose: 'document' })
      vector = Float32Array.from(made[0] as Float32Array)
      vectors.set(text, vector)
    }
    return vector
  }

  /** The vectors of the embedder have length 1. */
  function scoreOf(a: Float32Array, b: Float32Array): number {
    const products = a.reduce((sum, each, i) => sum + each * (b[i] as number), 0)
    const squares = a.reduce((sum, each, i) => sum + (each - (b[i] as number)) ** 2, 0)
    return metric === 'cosine' ? products : -Math.sqrt(squares)
  }

  /** Every document that a plain scan finds under a prefix, with its score, best first. */
  async function scan(
    under: readonly string[],
    holds: (value: CorpusDocument['value']) => boolean,
    query: string,
  ): Promise<Map<string, number>> {
    const target = await vectorOf(query)
    const found: [string, number][] = []
    for (const [id, { namespace, value }] of corpus) {
      if (!under.every((label, i) => namespace[i] === label) || !holds(value)) continue
      const texts = [value.title, ...(value.body === undefined ? [] : [value.body])]
      const scores = await Promise.all(texts.map(async (text) => scoreOf(target, await vectorOf(text))))
      found.push([id, Math.max(...scores)])
    }
    return new Map(found.sort(([, a], [, b]) => b - a))
  }

  test('gives exactly the best that a plain scan gives, by any prefix, filter, limit, offset and minScore', async () => {
    const options = fc.record({
      prefix,
      query: sentence,
      filter: fc.option(filterCase, { nil: undefined }),
      limit: fc.constantFrom(1, 3, 10, 100, 400),
      offset: fc.constantFrom(0, 0, 1, 7, 100),
      minScore: fc.option(fc.constantFrom(0.2, 0.5, 0.999, -0.8), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(options, async ({ prefix: under, query, filter, limit, offset, minScore }) => {
        const all = await scan(under, filter?.holds ?? (() => true), query)
        const hits = await store.search(under, { query, filter: filter?.filter, limit, offset, minScore })
        const expected = [...all.values()]
        // A score within rounding of minScore may be on either side of it.
        const reached = (least: number) =>
          Math.max(0, Math.min(limit, expected.filter((score) => score >= least).length - offset))
        const least = minScore ?? Number.NEGATIVE_INFINITY
        expect(hits.length).toBeGreaterThanOrEqual(reached(least + 1e-5))
        expect(hits.length).toBeLessThanOrEqual(reached(least - 1e-5))
        expect(new Set(hits.map(({ document: each }) => refId(each))).size).toBe(hits.length)
        hits.forEach(({ document: each, score, matched, stale }, i) => {
          // In the place of an equal score any document may stand.
          expect(score).toBeCloseTo(expected[offset + i] as number, 4)
          expect(all.get(refId(each)), `${refId(each)} does not belong here`).toBeCloseTo(score as number, 4)
          expect(each.value).toEqual(corpus.get(refId(each))?.value)
          expect(['title', 'body']).toContain(matched?.field)
          expect(stale).toBeUndefined()
        })
      }),
      { numRuns: runs, seed },
    )
  })

  test('gives the same documents as list, in its order, without query and vector', async () => {
    await fc.assert(
      fc.asyncProperty(prefix, fc.option(filterCase, { nil: undefined }), fc.nat(5), async (under, filter, offset) => {
        const page = await store.list(under, { filter: filter?.filter, limit: 1000 })
        const hits = await store.search(under, { filter: filter?.filter, limit: 900, offset })
        expect(page.cursor).toBeUndefined()
        expect(hits).toEqual(page.items.slice(offset).map((each) => ({ document: each })))
        const holds = filter?.holds ?? (() => true)
        const expected = [...corpus].filter(
          ([, { namespace, value }]) => under.every((label, i) => namespace[i] === label) && holds(value),
        )
        expect(new Set(page.items.map((each) => refId(each)))).toEqual(new Set(expected.map(([id]) => id)))
      }),
      { numRuns: Math.ceil(runs / 3), seed },
    )
  })

  test.each(labels)('label %j leaks into no sibling', async (label) => {
    const hits = await store.search([label], { query: 'sea', limit: 1000 })
    expect(hits.map(({ document: each }) => each.namespace[0])).toEqual(hits.map(() => label))
    const others = await store.search([], { query: 'sea', limit: 1000 })
    expect(others.filter(({ document: each }) => each.namespace[0] === label)).toHaveLength(hits.length)
  })
})
