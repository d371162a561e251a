import { equal, ok } from 'node:assert/strict'
import { StoreError, type WriteOutcome } from '@tandemstore/core/adapter'
import { Skipped } from '../report.ts'
import { type Check, SCHEMA_MS } from '../target.ts'
import { rowOf, versionAt } from './rows.ts'

function codeOf(outcome: WriteOutcome | undefined): string | undefined {
  return outcome?.status === 'failed' && StoreError.isInstance(outcome.error) ? outcome.error.code : outcome?.status
}

export const limits: readonly Check[] = [
  {
    name: 'per_partition_rate_limit of one write a second is RATE_LIMITED',
    async run({ client, isScylla }, { name, open }) {
      if (!isScylla) throw new Skipped('the database has no such limit')
      const collection = await open({ buckets: 1 })
      try {
        await collection.put([{ row: rowOf('first', versionAt(0)) }])
        await client.execute(
          `ALTER TABLE "${name}".notes_documents WITH per_partition_rate_limit = {'max_writes_per_second': 1}`,
        )
        const writes = Array.from({ length: 50 }, (_, i) => collection.put([{ row: rowOf(`k${i}`, versionAt(0)) }]))
        const codes = (await Promise.all(writes)).map(([outcome]) => codeOf(outcome))
        ok(codes.includes('RATE_LIMITED'), `no write was limited: ${[...new Set(codes)].join(', ')}`)
        const others = codes.filter((code) => code !== 'RATE_LIMITED' && code !== 'written')
        equal(others.length, 0, `other outcomes: ${others.join(', ')}`)
        return `${codes.filter((code) => code === 'RATE_LIMITED').length} of ${codes.length}`
      } finally {
        await collection.close()
      }
    },
  },
  {
    name: 'a table that is dropped under an open collection is CONFIGURATION',
    async run({ client }, { name, open }) {
      const collection = await open()
      try {
        await collection.put([{ row: rowOf('k', versionAt(0)) }])
        await client.execute(`DROP TABLE "${name}".notes_documents`, [], { readTimeout: SCHEMA_MS })
        const [outcome] = await collection.put([{ row: rowOf('k', versionAt(0)) }])
        equal(codeOf(outcome), 'CONFIGURATION', outcome?.status === 'failed' ? String(outcome.error) : outcome?.status)
        const error = await collection.get([{ namespace: ['n'], key: 'k' }]).catch((thrown: unknown) => thrown)
        ok(
          StoreError.isInstance(error) && error.code === 'CONFIGURATION',
          `expected CONFIGURATION, got ${String(error)}`,
        )
      } finally {
        await collection.close()
      }
      return undefined
    },
  },
]
