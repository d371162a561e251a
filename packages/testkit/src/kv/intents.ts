import type { Intent, KVCollection } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { slices } from '../shared/slices.js'
import { awkwardTexts } from '../shared/texts.js'
import type { KVContext } from './context.js'

/** All the intents of a space, read page by page. */
export async function intentsOf(collection: KVCollection, space: string, limit = 100): Promise<Intent[]> {
  const all: Intent[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 1000; pages += 1) {
    const page = await collection.listIntents({ space, cursor, limit })
    expect(page.intents.length).toBeLessThanOrEqual(limit)
    all.push(...page.intents)
    if (page.cursor === undefined) return all
    cursor = page.cursor
  }
  return expect.fail('listIntents did not come to an end within 1,000 pages')
}

export async function expectIntents(
  collection: KVCollection,
  space: string,
  expected: readonly Intent[],
  limit?: number,
): Promise<void> {
  const found = await intentsOf(collection, space, limit)
  const inOrder = (intents: readonly Intent[]) =>
    intents
      .map(({ kind, namespace, key, version, space, failure }) =>
        JSON.stringify([version, kind, namespace, key, space, failure ?? null]),
      )
      .sort()
  expect(inOrder(found)).toEqual(inOrder(expected))
}

export const intentChecks: readonly Check<KVContext>[] = [
  {
    name: 'intents come back as they were made, and only for their space',
    async run({ collection, root: space, version }) {
      const made: Intent[] = awkwardTexts.flatMap((text) => [
        { kind: 'document', namespace: ['n', text], key: text, version: version(), space },
        { kind: 'prefix', namespace: ['n', text], key: '', version: version(), space },
      ])
      const failed: Intent = {
        ...(made[0] as Intent),
        key: 'failed',
        failure: { code: 'EMBEDDING_FAILED', message: 'it\'s "bad"' },
      }
      const other: Intent = { ...(made[0] as Intent), space: `${space}x` }
      for (const slice of slices([...made, failed, other])) await collection.addIntents(slice)
      await expectIntents(collection, space, [...made, failed])
      await expectIntents(collection, `${space}x`, [other])
      expect(await collection.listIntents({ space: `${space}_none`, limit: 10 })).toEqual({ intents: [] })
    },
  },
  {
    name: 'an intent added again is there once, and takes the new failure',
    async run({ collection, root: space, version }) {
      const intent: Intent = { kind: 'document', namespace: ['n'], key: 'k', version: version(), space }
      await collection.addIntents([intent, intent])
      await collection.addIntents([intent])
      await expectIntents(collection, space, [intent])
      const failed = { ...intent, failure: { code: 'EMBEDDING_FAILED', message: 'no' } }
      await collection.addIntents([failed])
      await expectIntents(collection, space, [failed])
      await collection.addIntents([intent])
      await expectIntents(collection, space, [intent])
    },
  },
  {
    name: 'removing an intent removes exactly that one',
    async run({ collection, root: space, version }) {
      const one: Intent = { kind: 'document', namespace: ['n', 'a'], key: 'k', version: version(), space }
      const writer = one.version.endsWith('0') ? '1' : '0'
      const others: Intent[] = [
        { ...one, version: version() },
        { ...one, version: `${one.version.slice(0, -1)}${writer}` },
        { ...one, key: 'K' },
        { ...one, namespace: ['n'] },
        { ...one, namespace: ['n', 'a', 'b'] },
        { ...one, kind: 'prefix', key: '' },
      ]
      const elsewhere = { ...one, space: `${space}x` }
      await collection.addIntents([one, ...others, elsewhere])
      await collection.removeIntents([one])
      await expectIntents(collection, space, others)
      await expectIntents(collection, `${space}x`, [elsewhere])
      await collection.removeIntents([one, { ...one, key: 'never made' }])
      await expectIntents(collection, space, others)
      await collection.removeIntents(others)
      expect(await collection.listIntents({ space, limit: 10 })).toEqual({ intents: [] })
    },
  },
  {
    name: 'an intent with a failure is removed by its identity',
    async run({ collection, root: space, version }) {
      const intent: Intent = { kind: 'prefix', namespace: ['n'], key: '', version: version(), space }
      await collection.addIntents([{ ...intent, failure: { code: 'INDEX_FAILED', message: 'no' } }])
      await collection.removeIntents([intent])
      await expectIntents(collection, space, [])
    },
  },
  {
    name: 'pages of any size give every intent once',
    async run({ collection, root: space, version }) {
      const made = Array.from({ length: 25 }, (_, i): Intent => {
        return { kind: 'document', namespace: ['n', `${i % 3}`], key: `k${i}`, version: version(), space }
      })
      await collection.addIntents(made)
      for (const limit of [1, 4, 25, 26]) await expectIntents(collection, space, made, limit)
    },
  },
  {
    name: 'intents removed between two pages shift no other one',
    async run({ collection, root: space, version }) {
      const made = Array.from({ length: 9 }, (_, i): Intent => {
        return { kind: 'document', namespace: ['n'], key: `k${i}`, version: version(), space }
      })
      await collection.addIntents(made)
      const seen: string[] = []
      let cursor: string | undefined
      for (let page = 0; page < 100; page += 1) {
        const { intents, cursor: next } = await collection.listIntents({ space, cursor, limit: 2 })
        seen.push(...intents.map(({ key }) => key))
        await collection.removeIntents(intents)
        if (next === undefined) break
        cursor = next
      }
      expect(seen.sort()).toEqual(made.map(({ key }) => key).sort())
      await expectIntents(collection, space, [])
    },
  },
  {
    name: 'a batch of intents of the declared size is taken',
    async run({ kv, collection, root: space, version }) {
      const size = Math.min(kv.limits.maxBatchSize, 1000)
      const made = Array.from({ length: size }, (_, i): Intent => {
        return { kind: 'document', namespace: ['n'], key: `k${i}`, version: version(), space }
      })
      await collection.addIntents(made)
      await expectIntents(collection, space, made, 300)
      await collection.removeIntents(made)
      await expectIntents(collection, space, [])
    },
  },
]
