import { StoreError } from '@tandemstore/core/adapter'
import type { PostgresClient } from '../client.js'
import { latestVersion, migrationSql, type Part } from './migrations.js'

/** Brings a half of the schema up to date, or only checks it where `migrate` is false. */
export async function prepareSchema(
  client: PostgresClient,
  schema: string,
  part: Part,
  migrate: boolean,
): Promise<void> {
  const known = latestVersion(part)
  let version = await readVersion(client, schema, part)
  if (version < known && migrate) {
    await client.query(migrationSql(schema, part))
    version = await readVersion(client, schema, part)
  }
  if (version === known) return
  throw new StoreError(
    'CONFIGURATION',
    version > known
      ? `The schema ${schema} has version ${version} (${part}), and this @tandemstore/postgres knows versions up to ${known}: update the package`
      : `The schema ${schema} has version ${version} (${part}) and ${known} is needed: run what schemaSql() gives, with the rights to`,
  )
}

/** 0: it is not there. */
async function readVersion(client: PostgresClient, schema: string, part: Part): Promise<number> {
  const { rows: found } = await client.query('SELECT to_regclass($1) IS NOT NULL AS present', [
    `${schema}.schema_version`,
  ])
  if ((found[0] as { present: boolean }).present !== true) return 0
  const { rows } = await client.query(`SELECT version FROM ${schema}.schema_version WHERE part = $1`, [part])
  return Number((rows[0] as { version: number } | undefined)?.version ?? 0)
}
