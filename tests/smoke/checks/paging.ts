import { deepEqual, equal } from 'node:assert/strict'
import type { Intent } from '@tandemstore/core/adapter'
import type { Check } from '../target.ts'
import { rowOf, versionAt } from './rows.ts'

const TOMBSTONES = 20_000
const INTENTS = 600
const CALL = 500

export const paging: readonly Check[] = [
  {
    name: `a list past ${TOMBSTONES} tombstones finds what is behind them`,
    async run(_target, { open }) {
      const collection = await open({ buckets: 1 })
      try {
        for (let from = 0; from < TOMBSTONES; from += CALL) {
          const version = versionAt(0)
          const keys = Array.from({ length: CALL }, (_, i) => String(from + i).padStart(6, '0'))
          await collection.put(keys.map((key) => ({ row: rowOf(key, version) })))
          await collection.delete(keys.map((key) => ({ namespace: ['n'], key, version })))
        }
        const last = rowOf('z', versionAt(0))
        await collection.put([{ row: last }])
        const started = performance.now()
        deepEqual((await collection.list({ prefix: ['n'], limit: 10 })).rows, [last])
        return `${Math.round(performance.now() - started)} ms`
      } finally {
        await collection.close()
      }
    },
  },
  {
    name: `${INTENTS} intents come in pages`,
    async run(_target, { open }) {
      const collection = await open()
      try {
        const version = versionAt(0)
        const intents = Array.from({ length: INTENTS }, (_, i): Intent => {
          return { kind: 'document', namespace: ['n'], key: `k${i}`, version, space: 's' }
        })
        await collection.addIntents(intents)
        const found: Intent[] = []
        let cursor: string | undefined
        do {
          const page = await collection.listIntents({ space: 's', cursor, limit: 250 })
          found.push(...page.intents)
          cursor = page.cursor
        } while (cursor !== undefined)
        equal(new Set(found.map(({ key }) => key)).size, INTENTS)
        equal(found.length, INTENTS)
      } finally {
        await collection.close()
      }
      return undefined
    },
  },
]
