import type { Embedder } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { expectAborted } from '../shared/expectations.js'

export interface EmbedderContext {
  readonly embedder: Embedder
}

const texts = [
  'The harbour was full of boats.',
  'a',
  'Quarterly revenue grew by 12%, mostly in "services".',
  'Ein Satz auf Deutsch – mit Umlauten: äöü ß.',
  '日本語の文章です。',
  'two\nlines\tand a tab',
  'emoji \u{1f600} and e\u0301',
]

type Purpose = 'document' | 'query'

/** Embeds, and expects of the answer what must hold of every one. */
async function embed(
  embedder: Embedder,
  inputs: readonly string[],
  purpose: Purpose = 'document',
): Promise<number[][]> {
  const { vectors, tokens } = await embedder.embed(inputs, { purpose })
  expect(vectors).toHaveLength(inputs.length)
  for (const vector of vectors) {
    expect(vector.length).toBe(embedder.dimensions ?? vectors[0]?.length)
    expect(vector.length).toBeGreaterThan(0)
    expect(vector.every((each) => Number.isFinite(each))).toBe(true)
  }
  if (tokens !== undefined) {
    expect(Number.isInteger(tokens) && tokens >= 0, `tokens: ${tokens}`).toBe(true)
  }
  return vectors.map((vector) => Array.from(vector))
}

function furthestApart(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((each, i) => Math.abs(each - (b[i] as number))))
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, each, i) => sum + each * (y[i] as number), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

/**
 * How far the cosine between a text's vector alone and in a batch may be from 1: padding and quantisation move a
 * vector a little.
 */
const BATCH_TOLERANCE = 0.01

export const embedderChecks: readonly Check<EmbedderContext>[] = [
  {
    name: 'the model is plain JSON and names itself',
    async run({ embedder }) {
      expect(JSON.parse(JSON.stringify(embedder.model))).toStrictEqual(embedder.model)
      expect(embedder.model.provider).toMatch(/./)
      expect(embedder.model.name).toMatch(/./)
      if (embedder.dimensions !== undefined) expect(Number.isInteger(embedder.dimensions)).toBe(true)
    },
  },
  {
    name: 'one vector for each text, of one length, finite; of length 1 where the model says so',
    async run({ embedder }) {
      for (const vector of await embed(embedder, texts)) {
        const length = Math.hypot(...vector)
        expect(length).toBeGreaterThan(0)
        if (embedder.model.normalized === true) expect(Math.abs(length - 1)).toBeLessThan(1e-3)
      }
    },
  },
  {
    name: 'a batch gives each text the vector it has alone, in the order of the texts',
    async run({ embedder }) {
      const batch = await embed(embedder, texts)
      for (const [i, text] of texts.entries()) {
        const [alone] = (await embed(embedder, [text])) as [number[]]
        expect(cosine(alone, batch[i] as number[]), text).toBeGreaterThan(1 - BATCH_TOLERANCE)
        const nearest = batch
          .map((each) => cosine(alone, each))
          .reduce((best, each, at, all) => (each > (all[best] as number) ? at : best), 0)
        expect(nearest, `${text} is nearest to itself`).toBe(i)
      }
      const reversed = await embed(embedder, [...texts].reverse())
      for (const [i, vector] of reversed.reverse().entries()) {
        expect(cosine(vector, batch[i] as number[])).toBeGreaterThan(1 - BATCH_TOLERANCE)
      }
    },
  },
  {
    name: 'the same texts have the same vectors, also twice in one batch',
    async run({ embedder }) {
      const [first, second] = [await embed(embedder, texts), await embed(embedder, texts)]
      for (const [i, vector] of first.entries()) expect(furthestApart(vector, second[i] as number[])).toBeLessThan(1e-5)
      const [a, other, again] = (await embed(embedder, ['twice', 'once', 'twice'])) as [number[], number[], number[]]
      expect(furthestApart(a, again)).toBeLessThan(1e-5)
      expect(furthestApart(a, other)).toBeGreaterThan(1e-5)
    },
  },
  {
    name: 'both purposes are served, and differ where the model has a prefix for one',
    async run({ embedder }) {
      const [[document], [query]] = [
        await embed(embedder, ['what boats?'], 'document'),
        await embed(embedder, ['what boats?'], 'query'),
      ]
      expect(query).toHaveLength(document?.length as number)
      const { prefixes } = embedder.model
      if ((prefixes?.document ?? '') === (prefixes?.query ?? '')) return
      expect(furthestApart(document as number[], query as number[])).toBeGreaterThan(1e-6)
    },
  },
  {
    name: 'the declared limits are whole numbers, and a call of `maxInputs` texts works',
    async run({ embedder }) {
      const { maxInputs, maxInputTokens, maxRequestTokens, maxConcurrency } = embedder.limits ?? {}
      for (const limit of [maxInputs, maxInputTokens, maxRequestTokens, maxConcurrency]) {
        if (limit !== undefined) expect(Number.isInteger(limit) && limit > 0, `limit ${limit}`).toBe(true)
      }
      const most = Array.from({ length: maxInputs ?? 100 }, (_, i) => `text ${i}`)
      const vectors = await embed(embedder, most)
      const [last] = (await embed(embedder, most.slice(-1))) as [number[]]
      expect(cosine(last, vectors.at(-1) as number[])).toBeGreaterThan(1 - BATCH_TOLERANCE)
    },
  },
  {
    name: 'countTokens, where there is one, is a bound of what the provider counts',
    async run({ embedder }) {
      if (embedder.countTokens === undefined) return
      const counts = texts.map((text) => embedder.countTokens?.(text) as number)
      for (const count of counts) expect(Number.isInteger(count) && count > 0, `count ${count}`).toBe(true)
      expect(embedder.countTokens('word '.repeat(100))).toBeGreaterThan(embedder.countTokens('word'))
      const { tokens } = await embedder.embed(texts, { purpose: 'document' })
      if (tokens !== undefined) expect(tokens).toBeLessThanOrEqual(counts.reduce((sum, each) => sum + each, 0))
    },
  },
  {
    name: 'calls at the same time do not mix',
    async run({ embedder }) {
      const count = Math.min(embedder.limits?.maxConcurrency ?? 5, texts.length)
      const alone: number[][] = []
      for (const text of texts.slice(0, count)) alone.push(...(await embed(embedder, [text])))
      const together = await Promise.all(texts.slice(0, count).map((text) => embed(embedder, [text])))
      for (const [i, [vector]] of together.entries()) {
        expect(cosine(vector as number[], alone[i] as number[])).toBeGreaterThan(1 - BATCH_TOLERANCE)
      }
    },
  },
  {
    name: 'a signal that is aborted already rejects; one that aborts while it works ends it, and the next call works',
    async run({ embedder }) {
      await expectAborted(async (signal) => embedder.embed(['a'], { purpose: 'document', signal }))
      const abort = new AbortController()
      const running = (async () => embedder.embed(texts, { purpose: 'document', signal: abort.signal }))()
      abort.abort()
      await expect(
        running.then(
          () => 'ended',
          () => 'ended',
        ),
      ).resolves.toBe('ended')
      await embed(embedder, ['a'])
    },
  },
]
