import type { DocumentPoints, DocumentRef, Point, TermWeights, VectorSpace } from '@tandemstore/core/adapter'
import { memoryIndex } from '@tandemstore/core/memory'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pointOf, versionAt } from './documents.js'
import { scratch, service, spaceOf } from './scratch.js'

/*
 * Whatever is done to it, a space with terms holds what the reference holds, and finds the same documents by the same
 * points. Frequencies may lag behind, so scores are compared within one term.
 */

const words = ['tea', 'green', 'c++', '東京']
const termsArbitrary = fc.uniqueArray(fc.tuple(fc.constantFrom(...words), fc.constantFrom(0.5, 1, 2, 3)), {
  maxLength: 3,
  selector: ([word]) => word,
})
const pointArbitrary = fc.record({
  part: fc.integer({ min: 0, max: 2 }),
  hash: fc.constantFrom('one', 'two'),
  vector: fc.oneof(
    fc.constant(undefined),
    fc.constant(null),
    fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  ),
  terms: fc.option(termsArbitrary, { nil: undefined, freq: 3 }),
})
const documentArbitrary = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  tick: fc.integer({ min: 1, max: 6 }),
  replaces: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  expiresAt: fc.option(fc.constantFrom(10, 20), { nil: undefined, freq: 3 }),
  points: fc.uniqueArray(pointArbitrary, { maxLength: 3, selector: ({ part }) => part }),
})
const actionArbitrary = fc.oneof(
  { weight: 8, arbitrary: fc.array(documentArbitrary, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.record({ tick: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.constantFrom(10, 20) },
)
type Action = typeof actionArbitrary extends fc.Arbitrary<infer T> ? T : never

function toWeights(pairs: readonly (readonly [string, number])[]): TermWeights {
  return { terms: pairs.map(([term]) => term), weights: pairs.map(([, weight]) => weight) }
}

function apply(space: VectorSpace, action: Action, root: string, dimensions: number | undefined): Promise<unknown> {
  if (typeof action === 'number') return space.deleteExpired(action).then(() => undefined)
  if (!Array.isArray(action)) return space.deletePrefix([root], versionAt(action.tick))
  return space.replace(
    action.map(({ key, tick, replaces, expiresAt, points }): DocumentPoints => {
      const ref: DocumentRef = { namespace: [root], key }
      const made = points.map(({ part, hash, vector, terms }): Point => {
        const given = vector && (dimensions === undefined ? null : Float32Array.from(vector))
        return { ...pointOf(ref, part), hash, vector: given, terms: terms && toWeights(terms) }
      })
      const version = versionAt(tick)
      const rest = { values: {}, fingerprint: 'made by', expiresAt }
      return {
        ...ref,
        ...rest,
        version,
        replaces: replaces === undefined ? undefined : versionAt(replaces),
        points: made,
      }
    }),
  )
}

async function contents(space: VectorSpace, root: string): Promise<unknown> {
  const { points } = await space.scan({ prefix: [root], limit: 100 })
  return points.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** By each word, with scores relative to the best one; by all words, and by vector. */
async function found(space: VectorSpace, root: string, dimensions: number | undefined): Promise<unknown> {
  const asked = { prefix: [root], now: 0, limit: 10 }
  const byWord = []
  for (const word of words) {
    const result = await space.queryTerms?.({ ...asked, terms: toWeights([[word, 1]]) })
    const matches = result?.matches ?? []
    const best = matches[0]?.score ?? 1
    byWord.push([word, result?.more, matches.map(({ key, score }) => [key, (score / best).toFixed(4)])])
  }
  const all = await space.queryTerms?.({ ...asked, terms: toWeights(words.map((word) => [word, 1])) })
  if (dimensions === undefined) return [byWord, all?.matches.map(({ key }) => key).sort()]
  const { matches } = await space.query({ ...asked, vector: Float32Array.of(1, 3) })
  const byVector = matches.map(({ key, score }) => [key, score.toFixed(3)]).sort()
  return [byWord, all?.matches.map(({ key }) => key).sort(), byVector]
}

describe.skipIf(service === undefined)(`the reference, and a Qdrant found by way of: ${service?.way}`, () => {
  const { index } = scratch('reference')
  let runs = 0

  test.each([2, undefined])(
    'hold and find the same: %s dimensions',
    async (dimensions) => {
      const definition = spaceOf({ name: `dims${dimensions ?? 0}`, dimensions, metric: 'dot', terms: true })
      const [reference, ours] = [await memoryIndex().open(definition), await index().open(definition)]
      await fc.assert(
        fc.asyncProperty(fc.array(actionArbitrary, { minLength: 1, maxLength: 10 }), async (actions) => {
          runs += 1
          const root = `run ${runs}`
          for (const action of actions) {
            const expected = await apply(reference, action, root, dimensions)
            expect(await apply(ours, action, root, dimensions)).toEqual(expected)
          }
          expect(await contents(ours, root)).toEqual(await contents(reference, root))
          expect(await found(ours, root, dimensions)).toEqual(await found(reference, root, dimensions))
        }),
        { numRuns: 40, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
      )
    },
    120_000,
  )
})
