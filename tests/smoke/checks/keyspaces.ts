import { equal, ok } from 'node:assert/strict'
import { StoreError } from '@tandemstore/core/adapter'
import { Skipped } from '../report.ts'
import type { Check, CheckKeyspace, Settings, Target } from '../target.ts'
import { rowOf, versionAt } from './rows.ts'

/** Opens, writes and reads on a condition, and says how the tables were made. */
async function useKeyspace(target: Target, keyspace: CheckKeyspace, settings: Settings): Promise<string> {
  const collection = await keyspace.open(settings)
  try {
    const row = rowOf('k', versionAt(0))
    const [outcome] = await collection.put([{ row, condition: { kind: 'absent', now: Date.now() } }])
    equal(outcome?.status, 'written')
  } finally {
    await collection.close()
  }
  const tablets = await hasTablets(target, keyspace.name)
  return `tablets ${tablets ? 'on' : 'off'}, ${await tombstoneGcOf(target, keyspace.name)}`
}

async function hasTablets({ client, isScylla }: Target, keyspace: string): Promise<boolean> {
  if (!isScylla) return false
  const query = 'SELECT * FROM system_schema.scylla_keyspaces WHERE keyspace_name = ?'
  const { rows } = await client.execute(query, [keyspace], { prepare: true })
  return rows[0]?.initial_tablets !== null && rows[0]?.initial_tablets !== undefined
}

/** As the server describes it. */
async function tombstoneGcOf({ client, isScylla }: Target, keyspace: string): Promise<string> {
  if (!isScylla) return 'tombstones by gc_grace_seconds'
  const { rows } = await client.execute(`DESCRIBE TABLE "${keyspace}".notes_documents`)
  const statement = rows.map((row) => String(row.create_statement)).join('\n')
  const [found] = /tombstone_gc\s*=\s*\{[^}]*\}/.exec(statement) ?? []
  if (found?.includes('timeout')) return found
  throw new Error(`the table does not say tombstone_gc timeout: ${statement}`)
}

export const keyspaces: readonly Check[] = [
  { name: 'a keyspace as the server makes it', run: (target, keyspace) => useKeyspace(target, keyspace, {}) },
  {
    name: 'a keyspace without tablets',
    run(target, keyspace) {
      if (!target.isScylla || target.release < 6) throw new Skipped('the database has no tablets')
      return useKeyspace(target, keyspace, { tablets: false })
    },
  },
  {
    name: 'a keyspace with tablets; before 2025.4 that is refused before a table is made',
    async run(target, keyspace) {
      if (!target.isScylla || target.release < 6) throw new Skipped('the database has no tablets')
      if (target.release >= 2025.4) return useKeyspace(target, keyspace, { tablets: true })
      const error = await keyspace.open({ tablets: true }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      ok(StoreError.isInstance(error) && error.code === 'CONFIGURATION', `expected CONFIGURATION, got ${String(error)}`)
      return error.message
    },
  },
]
