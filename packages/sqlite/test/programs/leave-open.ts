/** Opens a store and closes nothing. One call is under way when the program ends, and has to come to its end. */
import { writeSync } from 'node:fs'
import { sqlite } from '@tandemstore/sqlite'

const { kv } = sqlite({ path: process.argv[2] ?? '' })
const collection = await kv.open('notes')
const row = {
  namespace: ['a'],
  key: 'k',
  value: '{}',
  version: '0000000000000001-aaaaaaaaaaaa',
  createdAt: 1,
  updatedAt: 1,
}
collection.put([{ row }]).then(
  ([outcome]) => writeSync(1, `${outcome?.status}\n`),
  (error: unknown) => writeSync(1, `${String(error)}\n`),
)
