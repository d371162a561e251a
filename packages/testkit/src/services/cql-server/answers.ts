/** The columns of an answer with their types in CQL, such as `{ key: 'text', at: 'bigint' }`. */
export type CqlColumns = Readonly<Record<string, string>>

/** What the server answers to one statement. */
export type CqlAnswer =
  | { readonly kind: 'void' }
  | {
      readonly kind: 'rows'
      readonly columns: CqlColumns
      readonly rows: readonly Readonly<Record<string, unknown>>[]
      /** There is another page, which is asked for by this. */
      readonly pageState?: string | undefined
    }
  | { readonly kind: 'error'; readonly code: number; readonly message: string; readonly details: CqlErrorDetails }
  /** Nothing, ever. */
  | { readonly kind: 'silence' }
  /** The connection ends. */
  | { readonly kind: 'hang-up' }

/** What errors of some codes carry beside their message. Every field has a default. */
export interface CqlErrorDetails {
  /** The code of a consistency level. Default LOCAL_QUORUM. */
  readonly consistency?: number
  /** Nodes that answered, or are alive. Default 0. */
  readonly received?: number
  /** Nodes that had to. Default 1. */
  readonly required?: number
  /** `SIMPLE` (default), `BATCH`, `CAS`, … */
  readonly writeType?: string
}

export const done: CqlAnswer = { kind: 'void' }
export const silence: CqlAnswer = { kind: 'silence' }
export const hangUp: CqlAnswer = { kind: 'hang-up' }

export function rows(
  columns: CqlColumns,
  of: readonly Readonly<Record<string, unknown>>[],
  pageState?: string,
): CqlAnswer {
  return { kind: 'rows', columns, rows: of, pageState }
}

export function cqlError(code: number, message: string, details: CqlErrorDetails = {}): CqlAnswer {
  return { kind: 'error', code, message, details }
}

const LOCAL_QUORUM = 6

/** Errors in the words of ScyllaDB's source, at its release tags 5.4 to 2026.2. */
export const scyllaErrors = {
  rateLimit: (table: string): CqlAnswer =>
    cqlError(0x2300, `Per-partition rate limit reached for writes in table ${table}, rejected by replicas`),
  noLwtWithTablets: (table: string): CqlAnswer =>
    cqlError(0x2200, `Cannot use LightWeight Transactions for table ${table}: LWT is not yet supported with tablets`),
  concurrentSchemaChange: cqlError(
    0x0000,
    'Failed to apply group 0 change due to concurrent modification: retries exhausted',
  ),
  noTable: (table: string): CqlAnswer => cqlError(0x2200, `unconfigured table ${table}`),
  writeFailure: cqlError(0x1500, 'Operation failed for the table: 0 replicas responded', { writeType: 'SIMPLE' }),
  readFailure: cqlError(0x1300, 'Operation failed for the table: 0 replicas responded'),
  writeTimeout: cqlError(0x1100, 'Operation timed out: received only 0 responses', { writeType: 'CAS' }),
  unavailable: (consistency = LOCAL_QUORUM): CqlAnswer =>
    cqlError(0x1000, 'Cannot achieve consistency level', { consistency, required: 2, received: 1 }),
  overloaded: cqlError(0x1001, 'Too many in flight requests'),
}
