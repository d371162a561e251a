import type { DeleteRow, Intent, PutRow, WriteOutcome } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { type KVContext, read, rowOf } from './context.js'
import { expectIntents, intentsOf } from './intents.js'

/**
 * Writes as core does: the intents go along where the adapter declares that it takes them, and before where it does
 * not.
 */
async function withIntents<Write extends PutRow | DeleteRow>(
  { kv, collection }: KVContext,
  writes: readonly Write[],
  write: (writes: readonly Write[]) => Promise<WriteOutcome[]>,
): Promise<WriteOutcome[]> {
  if (kv.capabilities.intentsWithWrites) return write(writes)
  await collection.addIntents(writes.flatMap(({ intents }) => intents ?? []))
  return write(writes.map((each) => ({ ...each, intents: undefined })))
}

function put(context: KVContext, writes: readonly PutRow[]): Promise<WriteOutcome[]> {
  return withIntents(context, writes, (some) => context.collection.put(some))
}

function remove(context: KVContext, deletes: readonly DeleteRow[]): Promise<WriteOutcome[]> {
  return withIntents(context, deletes, (some) => context.collection.delete(some))
}

/**
 * Writes the same document several times, each with an intent: what an adapter does differently for a document that
 * is written often shows.
 */
async function putOften(context: KVContext, key: string, times: number): Promise<readonly Intent[]> {
  const { root, version } = context
  const made: Intent[] = []
  for (let i = 0; i < times; i += 1) {
    const row = rowOf({ namespace: [root], key }, version())
    const intent: Intent = { kind: 'document', namespace: [root], key, version: row.version, space: root }
    const outcomes = await put(context, [{ row, intents: [intent] }])
    expect(outcomes.map(({ status }) => status)).toEqual(['written'])
    made.push(intent)
  }
  return made
}

export const intentsWithWritesChecks: readonly Check<KVContext>[] = [
  {
    name: 'intents that come with writes are there, of puts and deletions, of one document and of many, for every space',
    async run(context) {
      const { collection, root, version } = context
      const made = [...(await putOften(context, 'often', 4))]
      const intentsOf = (namespace: readonly string[], key: string, at: string): Intent[] =>
        [root, `${root}x`].map((space) => ({ kind: 'document', namespace, key, version: at, space }))
      const elsewhere: Intent[] = []
      for (const count of [1, 2, 40, 1]) {
        const refs = Array.from({ length: count }, (_, i) => ({ namespace: [root, `n${i % 3}`], key: `k${i}` }))
        const puts = refs.map((ref) => {
          const row = rowOf(ref, version())
          return { row, intents: intentsOf(ref.namespace, ref.key, row.version) }
        })
        const deletes = refs.map((ref) => {
          const at = version()
          return { ...ref, version: at, intents: intentsOf(ref.namespace, ref.key, at) }
        })
        const outcomes = [...(await put(context, puts)), ...(await remove(context, deletes))]
        expect(outcomes.filter(({ status }) => status !== 'written')).toEqual([])
        for (const intent of [...puts, ...deletes].flatMap(({ intents }) => intents))
          (intent.space === root ? made : elsewhere).push(intent)
      }
      for (const limit of [1000, 7, 1]) await expectIntents(collection, root, made, limit)
      await expectIntents(collection, `${root}x`, elsewhere)
      await collection.removeIntents([...made, ...elsewhere])
      await expectIntents(collection, root, [])
      await expectIntents(collection, `${root}x`, [])
    },
  },
  {
    name: 'intents that come with writes are no documents',
    async run(context) {
      const { collection, root } = context
      const ref = { namespace: [root], key: '\u0001' }
      const made = await putOften(context, ref.key, 3)
      expect((await collection.list({ prefix: [root], limit: 10 })).rows).toEqual([await read(collection, ref)])
      await collection.delete([{ ...ref, version: context.version() }])
      expect(await collection.list({ prefix: [root], limit: 10 })).toEqual({ rows: [] })
      const query = { prefix: [root], limit: 10, now: Date.now() }
      expect(await collection.namespaces(query)).toEqual({ namespaces: [] })
      await expectIntents(collection, root, made)
    },
  },
  {
    name: 'intents that came with writes are removed one by one, also by who has only read of them, and take a failure',
    async run(context) {
      const { collection, root } = context
      const [first, second, third, ...rest] = await putOften(context, 'k', 6)
      if (first === undefined || second === undefined || third === undefined) return expect.fail('nothing was written')
      await collection.removeIntents([first])
      await expectIntents(collection, root, [second, third, ...rest])
      await collection.removeIntents([{ ...second }])
      await expectIntents(collection, root, [third, ...rest])
      const failed = { ...third, failure: { code: 'EMBEDDING_FAILED', message: 'no' } }
      await collection.addIntents([failed])
      await expectIntents(collection, root, [failed, ...rest])
      await collection.removeIntents(await intentsOf(collection, root))
      await expectIntents(collection, root, [])
    },
  },
  {
    name: 'intents that came with writes stay when their namespace is deleted',
    async run(context) {
      const { collection, root, version } = context
      const made = await putOften(context, 'k', 3)
      await collection.deletePrefix([root], version())
      expect(await read(collection, { namespace: [root], key: 'k' })).toBeUndefined()
      await expectIntents(collection, root, made)
    },
  },
  {
    name: 'intents come with conditional writes too',
    async run(context) {
      const { kv, collection, root, version } = context
      const made: Intent[] = []
      for (let i = 0; i < 3; i += 1) {
        const row = rowOf({ namespace: [root], key: `k${i}` }, version())
        const { namespace, key, version: at } = row
        const intent: Intent = { kind: 'document', namespace, key, version: at, space: root }
        const condition = kv.capabilities.conditionalWrites ? ({ kind: 'absent', now: Date.now() } as const) : undefined
        expect(await put(context, [{ row, condition, intents: [intent] }])).toMatchObject([{ status: 'written' }])
        made.push(intent)
      }
      await expectIntents(collection, root, made)
    },
  },
]
