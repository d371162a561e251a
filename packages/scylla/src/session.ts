import { aborted, StoreError } from '@tandemstore/core/adapter'
import { type ErrorContext, isUnprepared, toScyllaError, untilAborted } from './errors.js'
import {
  type CassandraClient,
  type CassandraResult,
  type ConsistencyName,
  consistencyCodes,
  type ExecuteOptions,
  type ScyllaConsistency,
} from './options.js'

export type Row = { readonly [column: string]: unknown }

/** A statement with its parameters. */
export interface Statement {
  readonly query: string
  readonly params: unknown[]
}

/** How one statement is sent. `what` completes "could not …" in an error. */
export interface StatementOptions {
  readonly what: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Sends statements of one open collection, each with the consistency of its kind, and gives every failure as a
 * StoreError.
 */
export interface Session {
  /** Reads all rows, with `atSerial` at the level of conditional writes. */
  read(query: string, params: unknown[], options: StatementOptions & { readonly atSerial?: boolean }): Promise<Row[]>
  /**
   * Reads at most `limit` rows of a query that ends in `LIMIT ?`, which is added to the parameters. `end`: there are
   * no more.
   */
  page(
    query: string,
    params: unknown[],
    limit: number,
    options: StatementOptions,
  ): Promise<{ readonly items: Row[]; readonly end: boolean }>
  write(query: string, params: unknown[], options: StatementOptions): Promise<void>
  /** Writes at least one row of one partition. Several are one unlogged batch: one atomic mutation. */
  writePartition(statements: readonly Statement[], options: StatementOptions): Promise<void>
  /**
   * Sends a conditional write (LWT). Gives its only row: `[applied]` and, where it was not, the columns of the
   * condition.
   */
  writeIf(query: string, params: unknown[], options: StatementOptions): Promise<Row>
  /** Refuses every further statement with CLOSED. */
  end(): void
  /** Sends a statement as it is: for the schema and for system tables. */
  plain(query: string, options: StatementOptions & { readonly timeoutMs?: number }): Promise<Row[]>
}

export function makeSession(client: CassandraClient, consistency: ScyllaConsistency): Session {
  let closed = false
  const level = (name: ConsistencyName = 'LOCAL_QUORUM'): number => consistencyCodes[name]
  const reads = level(consistency.reads)
  const writes = level(consistency.writes)
  const serial = consistencyCodes[consistency.serial ?? 'LOCAL_SERIAL']

  const ask = async (
    { what, signal, conditional }: StatementOptions & ErrorContext,
    run: () => Promise<CassandraResult>,
  ): Promise<{ rows: Row[]; pageState: string | undefined }> => {
    if (signal?.aborted) throw aborted(signal)
    if (closed) throw new StoreError('CLOSED', 'The collection is closed')
    try {
      const { rows, pageState } = await untilAborted(run(), signal)
      return { rows: [...(rows ?? [])], pageState: pageState ?? undefined }
    } catch (error) {
      throw toScyllaError(error, what, { conditional: conditional ?? false })
    }
  }
  const send = (
    query: string,
    params: unknown[] | undefined,
    options: StatementOptions & ErrorContext,
    own: ExecuteOptions,
  ) => ask(options, () => client.execute(query, params, own).catch((error: unknown) => failWith(error, query)))
  /** A statement that cannot be prepared any more: asks for its table, whose absence is the usual reason. */
  const failWith = async (error: unknown, query: string): Promise<never> => {
    const [, keyspace, table] = /(?:FROM|INTO|UPDATE) "(\w+)"\."(\w+)"/.exec(query) ?? []
    if (!isUnprepared(error) || table === undefined) throw error
    const lookUp = `SELECT table_name FROM system_schema.tables WHERE keyspace_name = '${keyspace}' AND table_name = '${table}'`
    const { rows } = await client.execute(lookUp, [], { isIdempotent: true, consistency: consistencyCodes.LOCAL_ONE })
    if ([...(rows ?? [])].length > 0) throw error
    throw new StoreError('CONFIGURATION', `The table ${keyspace}.${table} does not exist`, { cause: error })
  }
  // Writes are idempotent, but not marked so: the driver would retry them by itself, and more outcomes would be
  // unknown.
  const writing = { prepare: true, isIdempotent: false, consistency: writes }

  return {
    async read(query, params, options) {
      const own = { prepare: true, isIdempotent: true, consistency: options.atSerial ? serial : reads }
      let result = await send(query, params, options, own)
      const rows = result.rows
      while (result.pageState !== undefined) {
        result = await send(query, params, options, { ...own, pageState: result.pageState })
        rows.push(...result.rows)
      }
      return rows
    },
    async page(query, params, limit, options) {
      const own = { prepare: true, isIdempotent: true, consistency: reads, fetchSize: limit }
      let pageState: string | undefined
      do {
        // Neither a short page nor an empty one is the end: ScyllaDB also cuts pages by size, and may give only
        // tombstones.
        const result = await send(
          query,
          [...params, limit],
          options,
          pageState === undefined ? own : { ...own, pageState },
        )
        const { rows: items } = result
        pageState = result.pageState
        if (items.length > 0) return { items, end: pageState === undefined && items.length < limit }
      } while (pageState !== undefined)
      return { items: [], end: true }
    },
    async write(query, params, options) {
      await send(query, params, options, writing)
    },
    async writePartition(statements, options) {
      const [{ query, params }] = statements as [Statement, ...Statement[]]
      if (statements.length === 1) await send(query, params, options, writing)
      else {
        const own = { ...writing, logged: false }
        await ask(options, () => client.batch([...statements], own).catch((error: unknown) => failWith(error, query)))
      }
    },
    async writeIf(query, params, options) {
      const own = { ...writing, serialConsistency: serial }
      const { rows } = await send(query, params, { ...options, conditional: true }, own)
      const [row] = rows
      if (row === undefined) throw toScyllaError(new Error('A conditional write gave no answer'), options.what)
      return row
    },
    end() {
      closed = true
    },
    async plain(query, { timeoutMs, ...options }) {
      const own = { isIdempotent: false, consistency: consistencyCodes.LOCAL_ONE }
      const { rows } = await send(
        query,
        undefined,
        options,
        timeoutMs === undefined ? own : { ...own, readTimeout: timeoutMs },
      )
      return rows
    },
  }
}

/** A bigint column as a number: the driver gives a Long, or a bigint if the client was made so. */
export function toNumber(value: unknown): number {
  return Number(String(value))
}
