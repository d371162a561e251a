/** Opens the file named on the command line, and says the code of the error. */
import { writeSync } from 'node:fs'
import { StoreError } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'

try {
  const collection = await sqlite({ path: process.argv[2] ?? '' }).kv.open('notes')
  await collection.close()
  writeSync(1, 'opened\n')
} catch (error) {
  writeSync(1, StoreError.isInstance(error) ? `${error.code}\n` : `${String(error)}\n`)
}
