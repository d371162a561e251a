/**
 * Writes batches to the file named on the command line, and says the number of each on a line when it is
 * acknowledged.
 */
import { writeSync } from 'node:fs'
import { sqlite } from '@tandemstore/sqlite'

const [path = '', first = '0', last = 'Infinity'] = process.argv.slice(2)
const { kv, vectors } = sqlite({ path, busyTimeoutMs: 60_000 })
const collection = await kv.open('notes')
const space = await vectors.open({ name: 'notes', dimensions: 8, metric: 'cosine', filterable: { batch: 'integer' } })

for (let batch = Number(first); batch < Number(last); batch += 1) {
  const refs = Array.from({ length: 20 }, (_, i) => ({
    namespace: ['batch', String(batch)],
    key: `k${i}`,
    version: `${String(batch + 1).padStart(16, '0')}-aaaaaaaaaaaa`,
  }))
  const intents = refs.map((ref) => ({ kind: 'document', space: 'notes', ...ref }) as const)
  await collection.addIntents(intents)
  await collection.put(refs.map((ref) => ({ row: { ...ref, value: '{}'.padEnd(500), createdAt: 1, updatedAt: 1 } })))
  await space.replace(
    refs.map((ref) => ({
      ...ref,
      values: { batch: { numbers: [batch] } },
      fingerprint: 'f',
      points: [
        { id: `${batch} ${ref.key}`, field: '$', part: 0, hash: 'h', vector: new Float32Array(8).fill(batch + 1) },
      ],
    })),
  )
  await collection.removeIntents(intents)
  writeSync(1, `${batch}\n`)
}
await collection.close()
await space.close()
