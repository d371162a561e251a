import { deepEqual } from 'node:assert/strict'
import type { Check } from '../target.ts'
import { rowOf, versionAt } from './rows.ts'

export const deletions: readonly Check[] = [
  {
    name: 'a deletion is remembered after flush and compaction: an older put has no effect',
    async run({ nodetool }, { name, open }) {
      const collection = await open()
      try {
        const older = rowOf('k', versionAt(-60_000))
        await collection.put([{ row: rowOf('k', versionAt(-30_000)) }])
        await collection.delete([{ namespace: ['n'], key: 'k', version: versionAt(0) }])
        await nodetool('flush', name)
        await nodetool('compact', name)
        await collection.put([{ row: older }])
        deepEqual(await collection.get([older]), [undefined])
      } finally {
        await collection.close()
      }
      return undefined
    },
  },
]
