import type { Database, OperationMode } from './database.js'

/** One thing the worker can do: in one transaction, with arguments and a result that can be cloned. */
export interface Operation<Args, Result> {
  readonly mode: OperationMode
  readonly run: (db: Database, args: Args) => Result
}

export function operation<Args, Result>(
  mode: OperationMode,
  run: (db: Database, args: Args) => Result,
): Operation<Args, Result> {
  return { mode, run }
}
