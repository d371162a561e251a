import type {
  DocumentPoints,
  DocumentRef,
  Point,
  TermQuery,
  TermWeights,
  VectorMatch,
  VectorSpace,
} from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import {
  byId,
  documentOf,
  idOf,
  nameOf,
  pointOf,
  recordOf,
  scanAll,
  store,
  type VectorContext,
  vectorOf,
} from './context.js'

const near = vectorOf(1, 0, 0, 0)
const far = vectorOf(-1, 0.1, 0, 0)

/** Each term once, with weight 1 or the weight given. */
function weigh(terms: string | Readonly<Record<string, number>>): TermWeights {
  const entries = typeof terms === 'string' ? terms.split(' ').map((term) => [term, 1] as const) : Object.entries(terms)
  return { terms: entries.map(([term]) => term), weights: entries.map(([, weight]) => weight) }
}

interface WordsOptions {
  readonly vector?: Float32Array | null | undefined
  readonly part?: number
  readonly hash?: string
}

/** A point with terms; its text, and so its hash, is those terms. */
function wordsOf(
  ref: DocumentRef,
  terms: string | Readonly<Record<string, number>>,
  options: WordsOptions = {},
): Point {
  const { vector = near, part = 0, hash = JSON.stringify(terms) } = options
  return { id: idOf(ref, 'body', part), field: 'body', part, hash, vector, terms: weigh(terms) }
}

/** Every match of some terms, asked for in pages. No document may come twice. */
async function queryWords(
  space: VectorSpace,
  terms: string | TermWeights,
  query: Partial<TermQuery> = {},
): Promise<VectorMatch[]> {
  const all: VectorMatch[] = []
  const limit = query.limit ?? 100
  const asked = {
    prefix: [],
    now: Date.now(),
    terms: typeof terms === 'string' ? weigh(terms) : terms,
    ...query,
    limit,
  }
  for (let pages = 0; pages < 100; pages += 1) {
    const exclude = [...(query.exclude ?? []), ...all.map(({ namespace, key }) => ({ namespace, key }))]
    const result = await space.queryTerms?.({ ...asked, exclude })
    if (result === undefined) return expect.fail('capabilities say `terms`, and there is no queryTerms')
    expect(result.matches.length).toBeLessThanOrEqual(limit)
    all.push(...result.matches)
    if (!result.more) {
      expect(new Set(all.map(nameOf)).size).toBe(all.length)
      return all
    }
  }
  return expect.fail('queryTerms said there is more a hundred times')
}

async function keysOf(space: VectorSpace, terms: string, query: Partial<TermQuery> = {}): Promise<string[]> {
  return (await queryWords(space, terms, query)).map(({ key }) => key).sort()
}

/** The check of an index that keeps terms; of any other, that it offers no query of them. */
function check(name: string, run: (context: VectorContext, space: VectorSpace) => Promise<void>): Check<VectorContext> {
  return {
    name,
    async run(context) {
      if (context.index.capabilities.terms !== true) {
        expect(context.space.queryTerms, 'queryTerms without `terms` in the capabilities').toBeUndefined()
        return
      }
      await run(context, (await context.fresh({ terms: true })).space)
    },
  }
}

export const termChecks: readonly Check<VectorContext>[] = [
  check('documents are found that have a term of the query, and no others', async ({ root, version }, space) => {
    const texts = { a: 'red apple', b: 'green apple', c: 'red car', d: 'blue' }
    await store(
      space,
      Object.entries(texts).map(([key, words]) => {
        const ref = { namespace: [root], key }
        return documentOf(ref, version(), [wordsOf(ref, words)])
      }),
    )
    expect(await keysOf(space, 'apple')).toEqual(['a', 'b'])
    expect(await keysOf(space, 'red')).toEqual(['a', 'c'])
    expect(await keysOf(space, 'apple car')).toEqual(['a', 'b', 'c'])
    expect(await keysOf(space, 'appl')).toEqual([])
    expect(await keysOf(space, 'Apple')).toEqual([])
    expect(await keysOf(space, 'absent')).toEqual([])
    expect(await keysOf(space, 'absent blue')).toEqual(['d'])
  }),
  check('terms of any characters are told apart', async ({ root, version }, space) => {
    const terms = [
      'c',
      'c++',
      'c#',
      '@scope/pkg',
      '10.0.0.1',
      'a"b',
      "a'b",
      'a*',
      'a:b',
      '-a',
      'and',
      'not',
      '東京',
      '😀',
      'é',
      'e',
      'x'.repeat(64),
    ]
    await store(
      space,
      terms.map((term, i) => {
        const ref = { namespace: [root], key: String(i) }
        return documentOf(ref, version(), [wordsOf(ref, { [term]: 1 })])
      }),
    )
    for (const [i, term] of terms.entries()) expect(await keysOf(space, term), term).toEqual([String(i)])
  }),
  check('scores are the weights times the inverse document frequency', async ({ root, version }, space) => {
    const made = { a: { common: 1, rare: 0.5 }, b: { common: 2 }, c: { common: 0.25 }, d: { other: 1 } }
    await store(
      space,
      Object.entries(made).map(([key, words]) => {
        const ref = { namespace: [root], key }
        return documentOf(ref, version(), [wordsOf(ref, words)])
      }),
    )
    const rarity = (documents: number) => Math.log(1 + (4 - documents + 0.5) / (documents + 0.5))
    const found = await queryWords(space, weigh({ common: 1, rare: 2 }))
    expect(found.map(({ key }) => key)).toEqual(['a', 'b', 'c'])
    const expected = [rarity(3) + 2 * 0.5 * rarity(1), 2 * rarity(3), 0.25 * rarity(3)]
    for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(expected[i] as number, 2)
  }),
  check('a document is found once, by its best point', async ({ root, version }, space) => {
    const ref = { namespace: [root], key: 'a' }
    const points = [0.5, 2, 1].map((weight, part) => wordsOf(ref, { word: weight }, { part }))
    await store(space, [documentOf(ref, version(), points)])
    const found = await queryWords(space, 'word')
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ key: 'a', field: 'body', part: 1, hash: points[1]?.hash })
  }),
  check(
    'a query keeps to prefix, filter and expiry, and passes over what is excluded',
    async ({ root, version }, space) => {
      const at = (labels: string[], key: string, rest: Partial<DocumentPoints> = {}): DocumentPoints => {
        const ref = { namespace: [root, ...labels], key }
        return documentOf(ref, version(), [wordsOf(ref, 'word')], rest)
      }
      const de = { lang: { strings: ['de'] } }
      await store(space, [
        at(['1'], 'a'),
        at(['1', 'x'], 'b', { values: de }),
        at(['10'], 'c', { values: de }),
        at(['1'], 'd', { expiresAt: 1_000_000 }),
      ])
      const now = 999_999
      const prefix = [root, '1']
      expect(await keysOf(space, 'word', { now })).toEqual(['a', 'b', 'c', 'd'])
      expect(await keysOf(space, 'word', { prefix, now })).toEqual(['a', 'b', 'd'])
      expect(await keysOf(space, 'word', { prefix, now: 1_000_000 })).toEqual(['a', 'b'])
      const filter = { op: 'in', path: 'lang', values: ['de'] } as const
      expect(await keysOf(space, 'word', { now, filter })).toEqual(['b', 'c'])
      expect(await keysOf(space, 'word', { prefix, now, filter: { op: 'not', filter } })).toEqual(['a', 'd'])
      expect(await keysOf(space, 'word', { now, exclude: [{ namespace: [root, '1'], key: 'a' }] })).toEqual([
        'b',
        'c',
        'd',
      ])
    },
  ),
  check('pages of any size give every document once, the best first', async ({ root, version }, space) => {
    const documents = Array.from({ length: 23 }, (_, i) => {
      const ref = { namespace: [root, String(i % 3)], key: String(i) }
      const points = [0, 1].map((part) => wordsOf(ref, { word: 1 + ((i * 7) % 23) / 23 + part / 100 }, { part }))
      return documentOf(ref, version(), points)
    })
    await store(space, documents)
    for (const limit of [1, 7, 22, 23, 100]) {
      const found = await queryWords(space, 'word', { limit })
      expect(found).toHaveLength(23)
      const scores = found.map(({ score }) => score)
      expect(scores).toEqual([...scores].sort((a, b) => b - a))
    }
    expect((await space.queryTerms?.({ terms: weigh('absent'), prefix: [], now: 0, limit: 1 }))?.more).toBe(false)
  }),
  check('an older document changes no terms, a newer one replaces them', async ({ root, version }, space) => {
    const ref = { namespace: [root], key: 'a' }
    const older = version()
    await store(space, [documentOf(ref, version(), [wordsOf(ref, 'one'), wordsOf(ref, 'two', { part: 1 })])])
    await store(space, [documentOf(ref, older, [wordsOf(ref, 'old')])])
    expect(await keysOf(space, 'old')).toEqual([])
    expect(await keysOf(space, 'one')).toEqual(['a'])
    await store(space, [documentOf(ref, version(), [wordsOf(ref, 'new')])])
    expect(await keysOf(space, 'one two')).toEqual([])
    expect(await keysOf(space, 'new')).toEqual(['a'])
  }),
  check('terms end with their point: replaced, deleted, under a prefix, expired', async (context, space) => {
    const { index, root, version } = context
    const keys = ['a', 'b', 'c', 'd']
    const refOf = (key: string): DocumentRef => ({ namespace: [root, key], key })
    await store(
      space,
      keys.map((key) => {
        const rest = key === 'd' ? { expiresAt: 1000 } : {}
        return documentOf(refOf(key), version(), [wordsOf(refOf(key), 'word')], rest)
      }),
    )
    await store(space, [documentOf(refOf('a'), version(), [])])
    expect(await keysOf(space, 'word', { now: 0 })).toEqual(['b', 'c', 'd'])
    await space.deletePrefix([root, 'b'], version())
    expect(await keysOf(space, 'word', { now: 0 })).toEqual(['c', 'd'])
    await space.deleteExpired(1000)
    const [found] = await queryWords(space, 'word', { now: 0 })
    expect(found?.key).toBe('c')
    // Of what is gone nothing counts in the frequencies either, but where they may lag behind.
    if (index.capabilities.exact) expect(found?.score).toBeCloseTo(Math.log(1 + 0.5 / 1.5), 2)
  }),
  check('a point keeps its terms where none are given and its text is the same', async ({ root, version }, space) => {
    const ref = { namespace: [root], key: 'a' }
    const point = wordsOf(ref, 'word')
    const { vector: _, terms: __, ...kept } = point
    await store(space, [documentOf(ref, version(), [point])])
    const again = documentOf(ref, version(), [kept], { values: { lang: { strings: ['de'] } } })
    await store(space, [again])
    const filter = { op: 'in', path: 'lang', values: ['de'] } as const
    expect(await keysOf(space, 'word', { filter })).toEqual(['a'])
    expect(await space.replace([documentOf(ref, version(), [{ ...kept, hash: 'another' }])])).toEqual(['missing'])
    // With a vector of another text and no terms it has none.
    await store(space, [documentOf(ref, version(), [{ ...kept, hash: 'another', vector: far }])])
    expect(await keysOf(space, 'word')).toEqual([])
  }),
  check('terms that were made in another way are not kept', async ({ root, version }, space) => {
    const ref = { namespace: [root], key: 'a' }
    const point = wordsOf(ref, 'word')
    const { vector: _, terms: __, ...kept } = point
    const other = { fingerprint: 'made in another way' }
    await store(space, [documentOf(ref, version(), [{ ...kept, vector: near, terms: weigh({}) }])])
    const at = version()
    expect(await space.replace([documentOf(ref, at, [kept], other)])).toEqual(['missing'])
    expect(await space.replace([documentOf(ref, at, [{ ...kept, vector: null }], other)])).toEqual(['missing'])
    await store(space, [documentOf(ref, at, [point], other)])
    expect(await keysOf(space, 'word')).toEqual(['a'])
    // Also where the version is the same.
    expect(await space.replace([documentOf(ref, at, [kept])])).toEqual(['missing'])
    await store(space, [documentOf(ref, version(), [kept], other)])
    expect(await keysOf(space, 'word')).toEqual(['a'])
    await store(space, [documentOf(ref, version(), [{ ...kept, vector: near }])])
    expect(await keysOf(space, 'word')).toEqual([])
  }),
  check('a point that keeps its vector gets other terms, or none', async ({ root, version }, space) => {
    const ref = { namespace: [root], key: 'a' }
    await store(space, [documentOf(ref, version(), [pointOf(ref, near)])])
    expect(await keysOf(space, 'word')).toEqual([])
    await store(space, [documentOf(ref, version(), [{ ...pointOf(ref), terms: weigh('word') }])])
    expect(await keysOf(space, 'word')).toEqual(['a'])
    await store(space, [documentOf(ref, version(), [{ ...pointOf(ref), terms: weigh('other') }])])
    expect(await keysOf(space, 'word')).toEqual([])
    expect(await keysOf(space, 'other')).toEqual(['a'])
    await store(space, [documentOf(ref, version(), [{ ...pointOf(ref), terms: { terms: [], weights: [] } }])])
    expect(await keysOf(space, 'word other')).toEqual([])
    const { matches } = await space.query({ vector: near, prefix: [root], now: 0, limit: 1 })
    expect(matches[0]?.score).toBeCloseTo(1, 5)
  }),
  check(
    'a point without a vector is found by its terms only, and gets its vector later',
    async ({ root, version }, space) => {
      const ref = { namespace: [root], key: 'a' }
      const waiting = documentOf(ref, version(), [wordsOf(ref, 'word', { vector: null })])
      await store(space, [waiting])
      expect(await keysOf(space, 'word')).toEqual(['a'])
      const byVector = async () => (await space.query({ vector: near, prefix: [root], now: 0, limit: 5 })).matches
      expect(await byVector()).toEqual([])
      expect(await scanAll(space, [root])).toEqual([{ ...recordOf(waiting), lacksVector: true }])
      expect(await space.get([idOf(ref)])).toEqual([{ ...recordOf(waiting), lacksVector: true }])
      expect(await space.vectors([idOf(ref)])).toEqual([undefined])
      // There is no vector to keep.
      const { terms: _, ...kept } = pointOf(ref, undefined, { hash: waiting.points[0]?.hash as string })
      expect(await space.replace([documentOf(ref, version(), [kept])])).toEqual(['missing'])
      const whole = documentOf(ref, version(), [wordsOf(ref, 'word')])
      await store(space, [whole])
      expect((await byVector()).map(({ key }) => key)).toEqual(['a'])
      expect(await scanAll(space, [root])).toEqual([recordOf(whole)])
      // A vector can be taken away again, for another text.
      await store(space, [documentOf(ref, version(), [wordsOf(ref, 'another', { vector: null })])])
      expect(await byVector()).toEqual([])
      expect(await keysOf(space, 'another')).toEqual(['a'])
    },
  ),
  check('a space without dimensions holds terms alone, and guards them alike', async ({ root, version, fresh }) => {
    const { space } = await fresh({ dimensions: undefined, terms: true })
    const ref = { namespace: [root], key: 'a' }
    const older = version()
    const made = documentOf(ref, version(), [
      wordsOf(ref, 'one', { vector: null }),
      wordsOf(ref, 'two', { vector: null, part: 1 }),
    ])
    await store(space, [made])
    await store(space, [documentOf(ref, older, [])])
    expect((await scanAll(space, [root])).sort(byId)).toEqual([recordOf(made, 0), recordOf(made, 1)].sort(byId))
    expect(await keysOf(space, 'two')).toEqual(['a'])
    expect(await space.vectors([idOf(ref)])).toEqual([undefined])
    const { terms: _, ...kept } = made.points[0] as Point
    await store(space, [documentOf(ref, version(), [kept])])
    expect(await keysOf(space, 'one')).toEqual(['a'])
    expect(await keysOf(space, 'two')).toEqual([])
    const other = { namespace: [root], key: 'b' }
    const { terms: __, ...absent } = wordsOf(other, 'one', { vector: null })
    expect(await space.replace([documentOf(other, version(), [absent])])).toEqual(['missing'])
    expect(await space.count()).toBe(1)
  }),
  check('a space that was made without terms gets room for them', async ({ index, root, version, fresh }) => {
    const { space, definition } = await fresh()
    const ref = { namespace: [root], key: 'a' }
    await store(space, [documentOf(ref, version(), [{ ...pointOf(ref, near), terms: weigh({}) }])])
    const reopened = await index.open({ ...definition, terms: true })
    try {
      await store(reopened, [documentOf(ref, version(), [{ ...pointOf(ref), terms: weigh('word') }])])
      expect(await keysOf(reopened, 'word')).toEqual(['a'])
      const again = await index.open(definition)
      expect((await again.query({ vector: near, prefix: [root], now: 0, limit: 1 })).matches).toHaveLength(1)
      await again.close()
      expect(await keysOf(reopened, 'word')).toEqual(['a'])
    } finally {
      await reopened.close()
    }
  }),
]
