import { type DocumentRow, encodeNamespace, type KVBackend, refId, startsWith } from '@tandemstore/core/adapter'
import { test } from 'vitest'
import { openKV } from '../src/kv/context.js'
import { kvChecks } from '../src/kv/suite.js'
import { allRows, brokenKV, changeRows, highest } from './broken-kv.js'
import { expectCaught } from './check-runner.js'

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
]

test.each(broken)('the suite catches a KV that %s', async (_, kv, caughtBy) => {
  const { context } = await openKV(kv())
  await expectCaught(kvChecks, caughtBy, context())
})
