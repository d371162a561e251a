import {
  type DocumentRow,
  encodeNamespace,
  type KVBackend,
  type KVCollection,
  refId,
  startsWith,
} from '@tandemstore/core/adapter'
import { memoryKV } from '@tandemstore/core/memory'
import { test } from 'vitest'
import { openKV } from '../src/kv/context.js'
import { kvChecks } from '../src/kv/suite.js'
import { expectCaught } from './check-runner.js'

const highest = '9999999999999999-ffffffffffff'

/** A memory KV, some of whose methods are replaced. */
function brokenKV(breakIt: (good: KVCollection) => Partial<KVCollection>, rest: Partial<KVBackend> = {}): KVBackend {
  const kv = memoryKV()
  return {
    ...kv,
    async open(collection, options) {
      const good = await kv.open(collection, options)
      return { ...good, ...breakIt(good) }
    },
    ...rest,
  }
}

/** Every row, by one call: the broken adapters page by themselves. */
async function allRows(good: KVCollection): Promise<DocumentRow[]> {
  return (await good.list({ prefix: [], limit: 1_000_000 })).rows
}

function changeRows(change: (row: DocumentRow) => DocumentRow): KVBackend {
  return brokenKV((good) => ({
    put: (writes, options) =>
      good.put(
        writes.map((write) => ({ ...write, row: change(write.row) })),
        options,
      ),
  }))
}

const broken: readonly [what: string, kv: () => KVBackend, caughtBy: string][] = [
  [
    'takes an older put',
    () => {
      const forced = new Map<string, DocumentRow>()
      return brokenKV((good) => ({
        async put(writes, options) {
          for (const { row } of writes) forced.set(refId(row), row)
          return good.put(writes, options)
        },
        async get(refs, options) {
          const rows = await good.get(refs, options)
          return rows.map((row) => row && forced.get(refId(row)))
        },
      }))
    },
    'a put older than the row changes nothing',
  ],
  [
    'takes an older delete',
    () =>
      brokenKV((good) => ({
        delete: (deletes, options) =>
          good.delete(
            deletes.map((each) => ({ ...each, version: highest })),
            options,
          ),
      })),
    'a deletion older than the row changes nothing; one of the same version deletes it',
  ],
  [
    'forgets what was deleted',
    () =>
      brokenKV((good) => ({
        async delete(deletes, options) {
          const rows = await good.get(deletes)
          const known = deletes.filter((each, i) => (rows[i]?.version ?? highest) <= each.version)
          await good.delete(
            known.map((each, i) => ({ ...each, version: rows[i]?.version as string })),
            options,
          )
          return deletes.map(() => ({ status: 'written' }))
        },
      })),
    'a put older than the deletion changes nothing, a newer one is written',
  ],
  [
    'deletes a prefix whatever the version',
    () => brokenKV((good) => ({ deletePrefix: (prefix, _, options) => good.deletePrefix(prefix, highest, options) })),
    'deletePrefix leaves what is above its version',
  ],
  [
    'forgets what prefixes were deleted',
    () =>
      brokenKV((good) => ({
        async deletePrefix(prefix, version, options) {
          const rows = (await allRows(good)).filter(
            (row) => startsWith(row.namespace, prefix) && row.version <= version,
          )
          await good.delete(
            rows.map((row) => ({ ...row, version: row.version })),
            options,
          )
        },
      })),
    'a put under a prefix that was deleted later changes nothing, a newer one is written',
  ],
  [
    'deletes a prefix by its letters',
    () =>
      brokenKV((good) => ({
        async deletePrefix(prefix, version, options) {
          const rows = (await allRows(good)).filter((row) => row.namespace.join('/').startsWith(prefix.join('/')))
          await good.delete(
            rows.map((row) => ({ ...row, version })),
            options,
          )
        },
      })),
    'deletePrefix deletes the namespace and those below it, and no sibling',
  ],
  [
    'sorts by UTF-16',
    () =>
      brokenKV((good) => ({
        async list({ prefix, after, limit }) {
          const order = (row: { namespace: readonly string[]; key: string }) => refId(row)
          const rows = (await allRows(good))
            .filter((row) => startsWith(row.namespace, prefix) && (after === undefined || order(row) > order(after)))
            .sort((a, b) => (order(a) < order(b) ? -1 : 1))
          const page = rows.slice(0, limit)
          const last = page.at(-1)
          return rows.length > limit && last
            ? { rows: page, next: { namespace: last.namespace, key: last.key } }
            : { rows: page }
        },
      })),
    'list gives keys in the order of their UTF-8 bytes',
  ],
  [
    'sorts joined namespaces',
    () =>
      brokenKV((good) => ({
        async list({ prefix }) {
          const joined = (row: DocumentRow) => `${row.namespace.join('/')}/${row.key}`
          const rows = (await allRows(good)).filter((row) => startsWith(row.namespace, prefix))
          return { rows: rows.sort((a, b) => (joined(a) < joined(b) ? -1 : 1)) }
        },
      })),
    'list gives namespaces label by label, a prefix before what it begins',
  ],
  [
    'lists a sibling',
    () =>
      brokenKV((good) => ({
        async list({ prefix }) {
          const joined = encodeNamespace(prefix).slice(0, -1)
          return { rows: (await allRows(good)).filter((row) => encodeNamespace(row.namespace).startsWith(joined)) }
        },
      })),
    'list keeps to its prefix, label by label',
  ],
  [
    'leaves out missing rows',
    () =>
      brokenKV((good) => ({
        get: async (refs, options) => (await good.get(refs, options)).filter((row) => row !== undefined),
      })),
    'get gives the rows in the order of the input, undefined where there is none, and one asked for twice twice',
  ],
  [
    'reads values as JSON',
    () => changeRows((row) => ({ ...row, value: JSON.stringify(JSON.parse(row.value)) })),
    'a value is kept as the text it is',
  ],
  [
    'forgets the index directive',
    () => changeRows(({ index: _, ...row }) => row),
    'a row comes back with everything that was put',
  ],
  [
    'keeps expiry in seconds',
    () => changeRows((row) => ({ ...row, expiresAt: row.expiresAt && Math.ceil(row.expiresAt / 1000) * 1000 })),
    'a row comes back with everything that was put',
  ],
  [
    'normalises keys',
    () => changeRows((row) => ({ ...row, key: row.key.normalize('NFC') })),
    'labels and keys are told apart character by character',
  ],
  [
    'checks a condition before it writes, not while',
    () =>
      brokenKV((good) => ({
        async put(writes, options) {
          const rows = await good.get(writes.map(({ row }) => row))
          await new Promise(setImmediate)
          return good.put(
            writes
              .filter(({ condition }, i) => condition?.kind !== 'absent' || rows[i] === undefined)
              .map(({ row }) => ({ row })),
            options,
          )
        },
      })),
    'of many conditional puts at the same time exactly one is written',
  ],
  [
    'takes an expired row for a live one',
    () =>
      brokenKV((good) => ({
        put: (writes, options) =>
          good.put(
            writes.map(({ row, condition }) => ({ row, condition: condition && { ...condition, now: 0 } })),
            options,
          ),
      })),
    'a row that has expired counts as absent, from its very millisecond on',
  ],
  [
    'ignores conditions that it says it does not support',
    () => {
      const kv = brokenKV((good) => ({
        put: (writes, options) =>
          good.put(
            writes.map(({ row }) => ({ row })),
            options,
          ),
      }))
      return { ...kv, capabilities: { ...kv.capabilities, conditionalWrites: false } }
    },
    '`absent` holds where there is no row, and says whose row there is',
  ],
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
