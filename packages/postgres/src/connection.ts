import { onAbort, StoreError } from '@tandemstore/core/adapter'
import type { OwnPool, PostgresClient } from './client.js'
import { toPostgresError } from './errors.js'
import type { Part } from './schema/migrations.js'

export interface ConnectionOptions {
  /** Makes a pool, where no client was given. */
  readonly connect: () => Promise<OwnPool>
  readonly client: PostgresClient | undefined
  /** Brings the tables of a half up to date, or checks them. Called once for each time that it connects. */
  readonly prepare: (client: PostgresClient, part: Part) => Promise<void>
}

/** How one call is made. */
export interface CallAbout {
  readonly failed: 'KV_FAILED' | 'INDEX_FAILED'
  /** For messages: `put documents`. */
  readonly what: string
  readonly signal: AbortSignal | undefined
}

export type Row = Readonly<Record<string, unknown>>

interface Opened {
  readonly client: PostgresClient
  /** Runs a statement, cancelled by the signal where that can be. */
  query(sql: string, values: unknown[], signal: AbortSignal | undefined): ReturnType<PostgresClient['query']>
  readonly prepared: Map<Part, Promise<void>>
  end(): Promise<void>
}

/**
 * What the collections and spaces share: connected by the first that opens, disconnected by the last that closes. Every
 * call is one statement, so that any pool and any proxy may be between.
 */
export class Connection {
  readonly #options: ConnectionOptions
  #opened: Promise<Opened> | undefined
  #users = 0

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /** Begins to use a half of it. Every `open` that succeeds needs one `release`. */
  async open(part: Part, about: CallAbout): Promise<void> {
    about.signal?.throwIfAborted()
    this.#users += 1
    this.#opened ??= this.#connect()
    const opening = this.#opened
    try {
      await settle(this.#prepare(opening, part), about)
    } catch (error) {
      await this.release(about.failed)
      throw error
    }
  }

  async release(failed: CallAbout['failed']): Promise<void> {
    this.#users -= 1
    if (this.#users > 0 || this.#opened === undefined) return
    const opened = this.#opened
    this.#opened = undefined
    // One that could not be made needs no end.
    const handle = await opened.catch(() => undefined)
    if (handle !== undefined) await settle(handle.end(), { failed, what: 'disconnect', signal: undefined })
  }

  /** Runs one statement. On abort the wait ends with the signal's reason, and the outcome is unknown. */
  async run(sql: string, values: readonly unknown[], about: CallAbout): Promise<readonly Row[]> {
    about.signal?.throwIfAborted()
    const opened = this.#opened
    if (opened === undefined) throw new StoreError('CLOSED', 'The connection has been closed')
    const { query } = await opened
    const { rows } = await settle(query(sql, [...values], about.signal), about)
    return rows as readonly Row[]
  }

  async #connect(): Promise<Opened> {
    const { connect, client } = this.#options
    const prepared = new Map<Part, Promise<void>>()
    if (client !== undefined) {
      return { client, prepared, query: (sql, values) => client.query(sql, values), end: async () => {} }
    }
    const pool = await connect()
    return { client: pool, prepared, query: pool.query, end: pool.end }
  }

  async #prepare(opening: Promise<Opened>, part: Part): Promise<void> {
    const { client, prepared } = await opening
    let preparing = prepared.get(part)
    if (preparing === undefined) {
      preparing = this.#options.prepare(client, part)
      prepared.set(part, preparing)
      // The next one to open tries again.
      preparing.catch(() => prepared.delete(part))
    }
    await preparing
  }
}

async function settle<T>(promise: Promise<T>, { signal, failed, what }: CallAbout): Promise<T> {
  try {
    return await (signal === undefined ? promise : untilAborted(promise, signal))
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw error
    throw await toPostgresError(error, failed, what)
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stopListening = onAbort(signal, () => reject(signal.reason))
    promise.then(resolve, reject).finally(stopListening)
  })
}
