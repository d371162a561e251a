import type { Namespace } from '@tandemstore/core'
import { compareText, encodeNamespace } from '@tandemstore/core/adapter'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Backend, backendKinds } from '../../src/backends.ts'
import { allItems } from '../../src/pages.ts'
import { makeRig, type Rig } from '../../src/rig.ts'

const runs = Number(process.env.TANDEM_RUNS ?? 150)
const seed = Number(process.env.TANDEM_SEED ?? Date.now() & 0x7fffffff)

/** `*` is a label like any other, but in `match`. */
const label = fc.constantFrom('a', 'b', 'ab', '*', 'é')
const labels = (maxLength: number): fc.Arbitrary<string[]> => fc.array(label, { maxLength })
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 })

const question = fc.record({
  prefix: maybe(labels(2)),
  suffix: maybe(labels(2)),
  match: maybe(
    fc.array(
      fc.oneof(
        labels(3).map((prefix) => ({ prefix })),
        labels(3).map((suffix) => ({ suffix })),
      ),
      {
        maxLength: 2,
      },
    ),
  ),
  maxDepth: maybe(fc.integer({ min: 1, max: 4 })),
  offset: fc.constantFrom(0, 0, 1, 5, 40, 300),
  limit: fc.constantFrom(1, 2, 7, 50, 1000),
})

const startsWith = (namespace: Namespace, prefix: Namespace, any?: string): boolean =>
  prefix.length <= namespace.length && prefix.every((each, i) => each === any || each === namespace[i])
const endsWith = (namespace: Namespace, suffix: Namespace, any?: string): boolean =>
  startsWith([...namespace].reverse(), [...suffix].reverse(), any)

describe.each(backendKinds)('namespaces, $name', ({ make }) => {
  let backend: Backend
  let rig: Rig
  let store: Awaited<ReturnType<Rig['start']>>['store']
  const all = new Map<string, Namespace>()

  beforeAll(async () => {
    console.log(`TANDEM_SEED=${seed} TANDEM_RUNS=${runs}`)
    backend = await make()
    rig = await makeRig(backend)
    store = (await rig.start({ sync: 'manual' })).store
    const sampled = fc.sample(fc.array(label, { minLength: 1, maxLength: 4 }), { seed, numRuns: 400 })
    for (const namespace of sampled) all.set(encodeNamespace(namespace), namespace)
    await store.putMany([...all.values()].map((namespace) => ({ namespace, key: 'k', value: { n: 1 } })))
  })
  afterAll(async () => {
    await rig.end()
    await backend.cleanup()
  })

  test('are those that match, cut, each once, in order, behind the offset, whatever the page', async () => {
    await fc.assert(
      fc.asyncProperty(question, async ({ prefix, suffix, match, maxDepth, offset, limit }) => {
        const matching = [...all.values()].filter(
          (namespace) =>
            startsWith(namespace, prefix ?? []) &&
            endsWith(namespace, suffix ?? []) &&
            (match ?? []).every((each) =>
              'prefix' in each ? startsWith(namespace, each.prefix, '*') : endsWith(namespace, each.suffix, '*'),
            ),
        )
        const cut = new Map(
          matching.map((namespace) => namespace.slice(0, maxDepth)).map((each) => [encodeNamespace(each), each]),
        )
        const expected = [...cut].sort(([a], [b]) => compareText(a, b)).map(([, each]) => each)
        const options = { prefix, suffix, match, maxDepth, limit }
        const found = await allItems(
          (cursor) => store.namespaces(cursor === undefined ? { ...options, offset } : { ...options, cursor }),
          limit,
        )
        expect(found).toEqual(expected.slice(offset))
      }),
      { numRuns: runs, seed },
    )
  })
})
