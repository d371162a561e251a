import { equal } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Check } from '../target.ts'

const exec = promisify(execFile)
const program = join(import.meta.dirname, '../programs/open.ts')

export const opening: readonly Check[] = [
  {
    name: 'two processes open a new collection at once',
    async run({ contactPoint, localDataCenter, client }, { name }) {
      const args = [program, contactPoint, localDataCenter, name]
      const ends = await Promise.all([exec(process.execPath, args), exec(process.execPath, args)])
      for (const { stdout } of ends) equal(stdout.trim(), 'opened')
      const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?'
      const { rows } = await client.execute(query, [name], { prepare: true })
      const own = rows.map((row) => String(row.table_name)).filter((table) => !table.endsWith('$paxos'))
      equal(own.length, 7)
      return undefined
    },
  },
]
