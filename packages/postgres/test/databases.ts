import { randomBytes } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import pg from 'pg'
import { inject } from 'vitest'
import { type PostgresOptions, postgres } from '../src/index.js'

export type Database = ReturnType<typeof postgres> & {
  /** Another store on the same schema, with connections of its own where there is a server. */
  another(options?: Partial<PostgresOptions>): ReturnType<typeof postgres>
  cleanup(): Promise<void>
}

/** Postgres in WebAssembly, with nothing in it. */
export async function inProcess(): Promise<Database & { readonly client: PGlite }> {
  const client = await PGlite.create({ extensions: { vector } })
  const another = (options = {}) => postgres({ client, ...options })
  return { ...another(), another, client, cleanup: () => client.close() }
}

/** A schema of its own on the server of this run. */
export async function onServer(): Promise<Database> {
  const url = inject('postgres')?.url
  if (url === undefined) throw new Error('There is no server')
  const schema = `t_${randomBytes(5).toString('hex')}`
  const another = (options = {}) => postgres({ connectionString: url, schema, ...options })
  return {
    ...another(),
    another,
    async cleanup() {
      const client = new pg.Client(url)
      await client.connect()
      await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
      await client.end()
    },
  }
}
