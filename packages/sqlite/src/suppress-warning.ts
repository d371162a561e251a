/**
 * Node.js 22 warns that node:sqlite is experimental when it is loaded. Suppresses that one warning; call it before
 * the import.
 */
export function suppressSqliteWarning(): void {
  const emitWarning = process.emitWarning
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]): void => {
    if (String(warning).includes('SQLite is an experimental feature')) return
    Reflect.apply(emitWarning, process, [warning, ...rest])
  }) as typeof process.emitWarning
}
