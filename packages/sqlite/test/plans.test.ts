import { expect, test } from 'vitest'
import { createDatabase, type Database } from '../src/database.js'
import { DELETE_PREFIX_SQL, LIST_SQL, NAMESPACE_SQL } from '../src/kv/listing.js'
import { LIST_INTENTS_SQL } from '../src/kv/records.js'
import { scanSql } from '../src/vectors/read.js'
import { searchConditions } from '../src/vectors/search-conditions.js'
import { readSpace } from '../src/vectors/space.js'
import { vectorsSpaces } from '../src/vectors/spaces.js'
import { termsOf } from '../src/vectors/terms.js'
import { vectorsWrite } from '../src/vectors/write.js'
import { versionOf } from './support.js'

function planOf(db: Database, sql: string): string {
  return db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map((row) => row.detail)
    .join('\n')
}

function open(): Database {
  const db = createDatabase({ path: ':memory:', synchronous: 'normal', maxBytes: 0 })
  db.connect()
  return db
}

test('listings go along an index and never sort', () => {
  const db = open()
  const id = vectorsSpaces.vectorsOpen.run(db, {
    definition: { name: 's', dimensions: 1, metric: 'cosine', filterable: {} },
  })
  const list = planOf(db, LIST_SQL)
  expect(list).toMatch(/SEARCH document USING INDEX document_ref \(collection=\? AND \(namespace,key\)>\(\?,\?\)/)
  const namespaces = planOf(db, NAMESPACE_SQL)
  expect(namespaces).toMatch(
    /SEARCH document USING INDEX document_ref \(collection=\? AND namespace>\? AND namespace<\?\)/,
  )
  expect(planOf(db, DELETE_PREFIX_SQL)).toMatch(
    /USING INDEX document_ref \(collection=\? AND namespace>\? AND namespace<\?\)/,
  )
  const intents = planOf(db, LIST_INTENTS_SQL)
  expect(intents).toMatch(
    /SEARCH intent USING PRIMARY KEY \(collection=\? AND space=\? AND \(version,kind,namespace,key\)>/,
  )
  const scan = planOf(db, scanSql(readSpace(db, id).tables))
  expect(scan).toMatch(/SEARCH d USING INDEX space_1_document_ref \(\(namespace,key\)>\(\?,\?\)/)
  for (const plan of [list, namespaces, intents, scan]) expect(plan).not.toContain('TEMP B-TREE')
  db.disconnect()
})

test('a search reads few documents by an index and many one after the other', () => {
  const db = open()
  const definition = { name: 's', dimensions: 1, metric: 'cosine', filterable: { lang: 'keyword' } } as const
  const id = vectorsSpaces.vectorsOpen.run(db, { definition })
  const documents = Array.from({ length: 5000 }, (_, i) => ({
    namespace: ['users', i < 10 ? 'few' : 'many'],
    key: `k${i}`,
    version: versionOf(1),
    terms: termsOf({ lang: { strings: [i < 10 ? 'few' : 'many'] }, other: { strings: ['x'] } }),
    fingerprint: 'f',
    points: [{ id: `p${i}`, field: '$', part: 0, hash: 'h', at: 0, length: 1 }],
  }))
  const vectors = Float32Array.of(1)
  vectorsWrite.vectorsReplace.run(db, { space: id, documents: JSON.stringify(documents), vectors })
  const planFor = (prefix: string[], path?: string, value = 'x'): string => {
    const filter = path === undefined ? undefined : ({ op: 'in', path, values: [value] } as const)
    const { from, where } = searchConditions(db, readSpace(db, id), { prefix, filter, now: 0 })
    return planOf(db, `SELECT p.vector FROM ${from} WHERE ${where}`)
  }
  expect(planFor([])).toBe('SCAN p')
  expect(planFor(['users', 'few'])).toContain('SEARCH d USING INDEX space_1_document_ref (namespace>? AND namespace<?)')
  expect(planFor(['users'])).toContain('SCAN d')
  expect(planFor([], 'lang', 'few')).toMatch(
    /SEARCH d USING INTEGER PRIMARY KEY[\s\S]*SEARCH space_1_term USING PRIMARY KEY/,
  )
  expect(planFor([], 'lang', 'many')).not.toContain('space_1_term')
  expect(planFor([], 'other')).toContain('SCAN d')
  db.disconnect()
})
