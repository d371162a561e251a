/**
 * Documents and vectors in one SQLite file.
 * @module
 */

export { type SqliteOptions, sqlite } from './sqlite.js'
