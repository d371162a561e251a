import { deepEqual, equal } from 'node:assert/strict'
import type { Intent } from '@tandemstore/core/adapter'
import type { Check } from '../target.ts'
import { rowOf, versionAt } from './rows.ts'

export const batches: readonly Check[] = [
  {
    name: '32 documents of 8 kB with 8 intents in one batch, and a get of 32 keys',
    async run(_target, { open }) {
      const collection = await open({ buckets: 1 })
      try {
        // Intents are co-located in a partition that was written to a moment ago.
        await collection.put([{ row: rowOf('first', versionAt(0)), intents: [] }])
        const value = JSON.stringify('x'.repeat(8000))
        const rows = Array.from({ length: 32 }, (_, i) => rowOf(`k${i}`, versionAt(0), value))
        const intents = rows.slice(0, 8).map(({ namespace, key, version }): Intent => {
          return { kind: 'document', namespace, key, version, space: 's' }
        })
        for (const times of [1, 2]) {
          const writes = rows.map((row, i) => ({ row, intents: intents.slice(i, i + 1) }))
          const outcomes = await collection.put(writes)
          equal(outcomes.filter(({ status }) => status === 'written').length, 32, `round ${times}`)
        }
        deepEqual(await collection.get(rows), rows)
        const found = (await collection.listIntents({ space: 's', limit: 100 })).intents
        deepEqual(new Set(found.map(({ key }) => key)), new Set(intents.map(({ key }) => key)))
        await collection.removeIntents(found)
        deepEqual((await collection.listIntents({ space: 's', limit: 100 })).intents, [])
      } finally {
        await collection.close()
      }
      return undefined
    },
  },
]
