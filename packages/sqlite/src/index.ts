/**
 * Documents and vectors in one SQLite file.
 * @module
 */

export { type BackupOptions, backupSqlite } from './backup.js'
export { sqliteCollections } from './collections.js'
export { type SqliteOptions, sqlite } from './sqlite.js'
