import type { KVBackend } from '@tandemstore/core/adapter'
import { memoryKV } from '@tandemstore/core/memory'
import { test } from 'vitest'
import { openKV } from '../src/kv/context.js'
import { kvChecks } from '../src/kv/suite.js'
import { brokenKV } from './broken-kv.js'
import { expectCaught } from './check-runner.js'

const broken: readonly [what: string, kv: () => KVBackend, caughtBy: string][] = [
  [
    'makes expiries earlier',
    () =>
      brokenKV((good) => ({
        async touch(touches) {
          const rows = await good.get(touches)
          return Promise.all(
            touches.map(async ({ version, expiresAt }, i) => {
              const row = rows[i]
              if (row?.version !== version) return undefined
              await good.put([{ row: { ...row, expiresAt } }])
              return { ...row, expiresAt }
            }),
          )
        },
      })),
    'touch leaves what expires later or never, and gives undefined for another version',
  ],
  [
    'sweeps a millisecond early',
    () =>
      brokenKV((good) => ({ deleteExpired: ({ before, limit }) => good.deleteExpired({ before: before + 1, limit }) })),
    'deleteExpired takes what had expired by then, to the millisecond, and nothing else',
  ],
  [
    'shows namespaces of expired rows',
    () => brokenKV((good) => ({ namespaces: (query, options) => good.namespaces({ ...query, now: 0 }, options) })),
    'a namespace whose rows are all gone or expired is hidden, until a row comes again',
  ],
  [
    'gives cut namespaces as often as they have rows',
    () =>
      brokenKV((good) => ({
        async namespaces({ prefix, maxDepth, limit, now }) {
          const { namespaces } = await good.namespaces({ prefix, limit: 1000, now })
          return { namespaces: namespaces.map((each) => each.slice(0, maxDepth)).slice(0, limit) }
        },
      })),
    'maxDepth cuts, and gives what falls together once',
  ],
  [
    'removes every intent of a key',
    () =>
      brokenKV((good) => ({
        async removeIntents(intents) {
          for (const { space, key } of intents) {
            const { intents: all } = await good.listIntents({ space, limit: 1000 })
            await good.removeIntents(all.filter((each) => each.key === key))
          }
        },
      })),
    'removing an intent removes exactly that one',
  ],
  [
    'keeps an intent as it was first',
    () =>
      brokenKV((good) => ({
        async addIntents(intents) {
          for (const intent of intents) {
            const { intents: all } = await good.listIntents({ space: intent.space, limit: 1000 })
            if (!all.some(({ version }) => version === intent.version)) await good.addIntents([intent])
          }
        },
      })),
    'an intent added again is there once, and takes the new failure',
  ],
  [
    'pages intents by offset',
    () =>
      brokenKV((good) => ({
        async listIntents({ space, cursor, limit }) {
          const { intents } = await good.listIntents({ space, limit: 1000 })
          const from = Number(cursor ?? 0)
          const page = intents.slice(from, from + limit)
          return from + limit < intents.length ? { intents: page, cursor: String(from + limit) } : { intents: page }
        },
      })),
    'intents removed between two pages shift no other one',
  ],
  [
    'gives every collection the same rows',
    () => {
      const kv = memoryKV()
      return { ...kv, open: (_, options) => kv.open('one', options) }
    },
    'two collections have nothing in common',
  ],
  [
    'forgets everything on closing',
    () => {
      const kv = memoryKV()
      return { ...kv, open: (collection, options) => memoryKV().open(collection, options) }
    },
    'what was closed is found again: rows, deletions, intents, spaces',
  ],
  [
    'does not look at the signal',
    () => brokenKV((good) => ({ put: (writes) => good.put(writes) })),
    'a signal that is aborted already rejects every call, and nothing is done',
  ],
]

test.each(broken)('the suite catches a KV that %s', async (_, kv, caughtBy) => {
  const { context } = await openKV(kv())
  await expectCaught(kvChecks, caughtBy, context())
})
