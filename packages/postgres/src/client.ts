/**
 * The part of a client or pool that is used: one statement with its values, and the rows of its answer. node-postgres,
 * PGlite and the serverless drivers of Neon and Vercel have it.
 */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** A pool that was made here, and is ended here. */
export interface OwnPool {
  /** Cancels the statement on the server when the signal is aborted. */
  query(text: string, values?: unknown[], signal?: AbortSignal): Promise<{ readonly rows: readonly unknown[] }>
  end(): Promise<void>
}
