import type { DeleteRow, KVBackend, KVCollection, PutRow } from '@tandemstore/core/adapter'
import { test } from 'vitest'
import { openKV } from '../src/kv/context.js'
import { kvChecks } from '../src/kv/suite.js'
import { brokenKV } from './broken-kv.js'
import { expectCaught } from './check-runner.js'

/** Declares that intents go along with writes; `own` says how. */
function along(own: (good: KVCollection) => Partial<KVCollection>): KVBackend {
  const kv = brokenKV(own)
  return { ...kv, capabilities: { ...kv.capabilities, intentsWithWrites: true } }
}

const intentsOf = (writes: readonly (PutRow | DeleteRow)[]) => writes.flatMap(({ intents = [] }) => intents)

/** How it is done right. */
function right(good: KVCollection): Pick<KVCollection, 'put' | 'delete'> {
  return {
    async put(writes, options) {
      await good.addIntents(intentsOf(writes))
      return good.put(writes, options)
    },
    async delete(deletes, options) {
      await good.addIntents(intentsOf(deletes))
      return good.delete(deletes, options)
    },
  }
}

const broken: readonly [what: string, kv: () => KVBackend, caughtBy: string][] = [
  [
    'leaves out the intents of deletions',
    () => along((good) => ({ put: right(good).put })),
    'intents that come with writes are there, of puts and deletions, of one document and of many, for every space',
  ],
  [
    'takes one intent of each write',
    () =>
      along((good) => ({
        ...right(good),
        put: (writes) => right(good).put(writes.map((each) => ({ ...each, intents: each.intents?.slice(0, 1) }))),
      })),
    'intents that come with writes are there, of puts and deletions, of one document and of many, for every space',
  ],
  [
    'leaves out the intents of conditional writes',
    () =>
      along((good) => ({
        ...right(good),
        put: (writes) =>
          right(good).put(writes.map((each) => (each.condition === undefined ? each : { ...each, intents: [] }))),
      })),
    'intents come with conditional writes too',
  ],
  [
    'deletes the intents of a namespace with it',
    () =>
      along((good) => ({
        ...right(good),
        async deletePrefix(prefix, version) {
          const [space = ''] = prefix
          await good.removeIntents((await good.listIntents({ space, limit: 1000 })).intents)
          return good.deletePrefix(prefix, version)
        },
      })),
    'intents that came with writes stay when their namespace is deleted',
  ],
  [
    'removes only intents that it was given with a write',
    () => {
      const given = new WeakSet()
      return along((good) => ({
        ...right(good),
        put(writes) {
          for (const intent of intentsOf(writes)) given.add(intent)
          return right(good).put(writes)
        },
        removeIntents: (intents) => good.removeIntents(intents.filter((each) => given.has(each))),
      }))
    },
    'intents that came with writes are removed one by one, also by who has only read of them, and take a failure',
  ],
  [
    'keeps intents among the documents',
    () =>
      along((good) => ({
        ...right(good),
        async put(writes) {
          const rows = writes.map(({ row }) => ({ row: { ...row, key: `intent of ${row.key}` } }))
          await good.put(rows)
          return right(good).put(writes)
        },
      })),
    'intents that come with writes are no documents',
  ],
]

test.each(broken)('the suite catches a KV that %s', async (_, kv, caughtBy) => {
  const { context } = await openKV(kv())
  await expectCaught(kvChecks, caughtBy, context())
})
