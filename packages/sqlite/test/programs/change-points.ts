/**
 * Adds documents and deletes some of them again, in the space of the file named on the command line. Says on a line
 * `+N` when document N is acknowledged, `?N` before it is deleted and `-N` when its deletion is acknowledged.
 */
import { writeSync } from 'node:fs'
import { sqlite } from '@tandemstore/sqlite'

const [path = '', first = '0', last = '0'] = process.argv.slice(2)
const { vectors } = sqlite({ path, busyTimeoutMs: 60_000 })
const space = await vectors.open({ name: 'notes', dimensions: 4, metric: 'cosine', filterable: {} })
let version = 0

async function write(number: number, vector: Float32Array | undefined): Promise<void> {
  version += 1
  await space.replace([
    {
      namespace: ['n', String(number % 3)],
      key: String(number),
      version: `${String(version).padStart(16, '0')}-aaaaaaaaaaaa`,
      values: {},
      fingerprint: 'f',
      points: vector === undefined ? [] : [{ id: String(number), field: '$', part: 0, hash: 'h', vector }],
    },
  ])
}

for (let number = Number(first); number < Number(last); number += 1) {
  await write(number, Float32Array.of(Math.sin(number), Math.cos(number), 1, number % 7))
  writeSync(1, `+${number}\n`)
  if (number % 3 !== 0) continue
  const gone = number - (number % 6)
  writeSync(1, `?${gone}\n`)
  await write(gone, undefined)
  writeSync(1, `-${gone}\n`)
}
await space.close()
