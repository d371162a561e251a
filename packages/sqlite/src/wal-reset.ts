let warned = false

/**
 * Warns once if this SQLite can lose committed transactions when a checkpoint of one process meets a commit of
 * another that resets the write-ahead log: https://www.sqlite.org/wal.html#walresetbug. A file that one process uses
 * has one connection and is safe.
 */
export function warnOfWalReset(sqliteVersion: string): void {
  if (warned || hasWalResetFix(sqliteVersion)) return
  warned = true
  process.emitWarning(
    `SQLite ${sqliteVersion} of this Node.js (${process.version}) can lose committed writes when several processes use one file. ` +
      'Node.js 22.22.3, 24.15.0 and 26 have the fix. A file that only one process uses is safe.',
    { type: 'TandemWarning', code: 'sqliteWalReset', detail: 'https://www.sqlite.org/wal.html#walresetbug' },
  )
}

/** Fixed in 3.51.3, and in the maintenance releases 3.50.7 and 3.44.6. */
export function hasWalResetFix(sqliteVersion: string): boolean {
  const [major = 0, minor = 0, patch = 0] = sqliteVersion.split('.').map(Number)
  if (major !== 3) return major > 3
  if (minor === 50) return patch >= 7
  if (minor === 44) return patch >= 6
  return minor > 51 || (minor === 51 && patch >= 3)
}
