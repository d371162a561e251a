/**
 * The part of a client or pool that is used: one statement with its values, and the rows of its answer. node-postgres,
 * PGlite and the serverless drivers of Neon and Vercel have it.
 */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** The part of a pool of node-postgres that ends it; of one that was made here. */
export interface OwnPool extends PostgresClient {
  end(): Promise<void>
}
