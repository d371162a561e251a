import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '@tandemstore/core/adapter'

/** "TAND", in the header of the file. */
export const APPLICATION_ID = 0x54414e44

/*
 * Namespaces (encoded) and keys are BLOBs of UTF-8: they compare byte by byte, and the NULs in them are safe.
 * A change of the schema is a new entry at the end; the entries there are stay as they are.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE collection (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    latest TEXT
  );
  CREATE TABLE document (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL,
    namespace BLOB NOT NULL,
    key BLOB NOT NULL,
    version TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    ttl_ms INTEGER,
    directive TEXT,
    value TEXT NOT NULL
  );
  CREATE UNIQUE INDEX document_ref ON document (collection, namespace, key);
  CREATE INDEX document_expiry ON document (collection, expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE deletion (
    collection INTEGER NOT NULL,
    namespace BLOB NOT NULL,
    key BLOB NOT NULL,
    version TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (collection, namespace, key)
  ) WITHOUT ROWID;
  CREATE INDEX deletion_age ON deletion (collection, at);
  CREATE TABLE prefix_deletion (
    collection INTEGER NOT NULL,
    prefix BLOB NOT NULL,
    version TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (collection, prefix)
  ) WITHOUT ROWID;
  CREATE INDEX prefix_deletion_age ON prefix_deletion (collection, at);
  CREATE TABLE intent (
    collection INTEGER NOT NULL,
    space TEXT NOT NULL,
    version TEXT NOT NULL,
    kind TEXT NOT NULL,
    namespace BLOB NOT NULL,
    key BLOB NOT NULL,
    failure TEXT,
    PRIMARY KEY (collection, space, version, kind, namespace, key)
  ) WITHOUT ROWID;
  CREATE TABLE lease (
    collection INTEGER NOT NULL,
    writer TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (collection, writer)
  ) WITHOUT ROWID;
  CREATE TABLE space_record (
    collection INTEGER NOT NULL,
    name TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (collection, name)
  ) WITHOUT ROWID;
  CREATE TABLE vector_space (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    dimensions INTEGER NOT NULL,
    metric TEXT NOT NULL,
    filterable TEXT NOT NULL
  );
  `,
  // Which documents of a space changed their points, in the order of the transactions: see vectors/change-log.ts.
  `
  CREATE TABLE change (
    space INTEGER NOT NULL,
    number INTEGER NOT NULL,
    documents TEXT NOT NULL,
    PRIMARY KEY (space, number)
  ) WITHOUT ROWID;
  `,
  // Which vector spaces a writer follows, as JSON.
  `
  ALTER TABLE lease ADD COLUMN spaces TEXT NOT NULL DEFAULT '[]';
  `,
  // Whether a space has a table for the words of its points: see vectors/space.ts.
  `
  ALTER TABLE vector_space ADD COLUMN words INTEGER NOT NULL DEFAULT 0;
  `,
]

/** Makes a new file one of ours, or brings an older one up to date. */
export function migrate(handle: DatabaseSync): void {
  // Most openings find the file up to date, and need no lock.
  if (pragma(handle, 'application_id') === APPLICATION_ID && pragma(handle, 'user_version') === migrations.length)
    return
  handle.exec('BEGIN IMMEDIATE')
  try {
    const version = checkFile(handle)
    for (const sql of migrations.slice(version)) handle.exec(sql)
    handle.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}; COMMIT`)
  } catch (error) {
    if (handle.isTransaction) handle.exec('ROLLBACK')
    throw error
  }
}

/** The version of a file that is ours or empty. */
function checkFile(handle: DatabaseSync): number {
  const version = pragma(handle, 'user_version')
  if (pragma(handle, 'application_id') !== APPLICATION_ID) {
    const known = handle.prepare('SELECT name FROM sqlite_schema LIMIT 1').get()
    if (known === undefined && version === 0) return 0
    throw new StoreError('CONFIGURATION', 'The file is the database of another program: give Tandem one of its own')
  }
  if (version > migrations.length) {
    throw new StoreError(
      'CONFIGURATION',
      `The file has version ${version}, and this @tandemstore/sqlite knows versions up to ${migrations.length}: update the package`,
    )
  }
  return version
}

function pragma(handle: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return handle.prepare(`PRAGMA ${name}`).get()?.[name] as number
}
