import type { StatementSync } from 'node:sqlite'

/** What runs SQL. */
export interface Statements {
  /** A prepared statement; the same one for the same text. */
  prepare(sql: string): StatementSync
}
