/** Node.js 22 calls node:sqlite experimental when it is loaded. Drops that one warning, if it is called before. */
export function dropSqliteWarning(): void {
  const emitWarning = process.emitWarning
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]): void => {
    if (String(warning).includes('SQLite is an experimental feature')) return
    Reflect.apply(emitWarning, process, [warning, ...rest])
  }) as typeof process.emitWarning
}
