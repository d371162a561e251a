import type { Filterable, SpaceDefinition } from '@tandemstore/core/adapter'
import { StoreError } from '@tandemstore/core/adapter'
import type { Database } from '../database.js'
import { operation } from '../operation.js'
import { dropChanges } from './change-log.js'
import { readSpace, SPACE_COLUMNS, type Space, type StoredSpace, tablesOf } from './space.js'
import { pathOfTerm } from './terms.js'

function declaredTerms(space: Space, terms: readonly string[]): readonly string[] {
  return terms.filter((term) => space.declared.has(pathOfTerm(term)))
}

function create(db: Database, definition: SpaceDefinition): number {
  const { name, dimensions, metric } = definition
  const id = Number(
    db
      .prepare('INSERT INTO vector_space (name, dimensions, metric, filterable) VALUES (?, ?, ?, ?)')
      .run(name, dimensions ?? 0, metric, declare(definition.filterable)).lastInsertRowid,
  )
  const { document, documentRef, point, term } = tablesOf(id)
  for (const sql of [
    `CREATE TABLE ${document} (
      id INTEGER PRIMARY KEY,
      namespace BLOB NOT NULL,
      key BLOB NOT NULL,
      version TEXT NOT NULL,
      expires_at INTEGER,
      fingerprint TEXT NOT NULL,
      terms TEXT NOT NULL
    )`,
    `CREATE INDEX ${documentRef} ON ${document} (namespace, key)`,
    `CREATE INDEX ${document}_expiry ON ${document} (expires_at) WHERE expires_at IS NOT NULL`,
    `CREATE TABLE ${point} (
      id INTEGER PRIMARY KEY,
      uuid TEXT NOT NULL UNIQUE,
      field TEXT NOT NULL,
      part INTEGER NOT NULL,
      hash TEXT NOT NULL,
      norm REAL,
      vector BLOB NOT NULL
    )`,
    `CREATE TABLE ${term} (term TEXT NOT NULL, document INTEGER NOT NULL, PRIMARY KEY (term, document)) WITHOUT ROWID`,
  ]) {
    db.prepare(sql).run()
  }
  if (definition.terms === true) addWords(db, id)
  return id
}

/** Makes room for the words of points. */
function addWords(db: Database, id: number): void {
  db.prepare(`CREATE TABLE ${tablesOf(id).word} (id INTEGER PRIMARY KEY, words BLOB NOT NULL)`).run()
  db.prepare('UPDATE vector_space SET words = 1 WHERE id = ?').run(id)
}

/**
 * The declared paths as they are kept. Which type a path has changes nothing here: values of every type are in the
 * index.
 */
function declare(filterable: Filterable): string {
  return JSON.stringify(Object.keys(filterable).sort())
}

/** Fills the index of terms anew for other paths. */
function reindex(db: Database, id: number, filterable: Filterable): void {
  db.prepare('UPDATE vector_space SET filterable = ? WHERE id = ?').run(declare(filterable), id)
  const space = readSpace(db, id)
  const { document, term } = space.tables
  db.prepare(`DELETE FROM ${term}`).run()
  if (space.declared.size === 0) return
  for (const row of db.prepare(`SELECT id, terms FROM ${document}`).iterate()) {
    insertTerms(db, space, row.id as number, JSON.parse(row.terms as string))
  }
}

export function insertTerms(db: Database, space: Space, document: number, terms: readonly string[]): void {
  if (space.declared.size === 0) return
  const statement = db.prepare(`INSERT INTO ${space.tables.term} (term, document) VALUES (?, ?)`)
  for (const term of declaredTerms(space, terms)) statement.run(term, document)
}

export function deleteTerms(db: Database, space: Space, document: number, terms: readonly string[]): void {
  if (space.declared.size === 0) return
  const statement = db.prepare(`DELETE FROM ${space.tables.term} WHERE term = ? AND document = ?`)
  for (const term of declaredTerms(space, terms)) statement.run(term, document)
}

export const vectorsSpaces = {
  /** The number of a space, which is made if need be. */
  vectorsOpen: operation('write', (db, { definition }: { definition: SpaceDefinition }): number => {
    const { name, dimensions, metric, filterable, terms } = definition
    const stored = db.prepare(`SELECT ${SPACE_COLUMNS} FROM vector_space WHERE name = ?`).get(name) as
      | StoredSpace
      | undefined
    if (stored === undefined) return create(db, definition)
    if (stored.dimensions !== (dimensions ?? 0) || stored.metric !== metric) {
      throw new StoreError(
        'MODEL_MISMATCH',
        `The space ${name} has ${stored.dimensions || 'no'} dimensions (${stored.metric}), ` +
          `not ${dimensions ?? 'none'} (${metric})`,
      )
    }
    if (terms === true && stored.words === 0) addWords(db, stored.id)
    if (stored.filterable !== declare(filterable)) reindex(db, stored.id, filterable)
    return stored.id
  }),
  vectorsDrop: operation('write', (db, { space: id }: { space: number }) => {
    const { tables, hasWords } = readSpace(db, id)
    const { document, point, term, word } = tables
    for (const table of [document, point, term, ...(hasWords ? [word] : [])]) db.prepare(`DROP TABLE ${table}`).run()
    db.prepare('DELETE FROM vector_space WHERE id = ?').run(id)
    dropChanges(db, id)
    db.afterCommit(() => db.copies.forget(id))
  }),
}
