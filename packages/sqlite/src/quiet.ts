/*
 * Node.js 22 calls node:sqlite experimental each time it is loaded. This module is evaluated before that, and drops that one warning.
 */
const emitWarning = process.emitWarning
process.emitWarning = ((warning: string | Error, ...rest: unknown[]): void => {
  if (String(warning).includes('SQLite is an experimental feature')) return
  Reflect.apply(emitWarning, process, [warning, ...rest])
}) as typeof process.emitWarning
