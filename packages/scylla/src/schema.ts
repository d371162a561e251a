import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { StoreError } from '@tandemstore/core/adapter'
import { type Database, isTooOld, lacksLwtWithTablets, readDatabase } from './database.js'
import { untilAborted } from './errors.js'
import type { ReplicationValue, ScyllaSettings } from './options.js'
import type { Row, Session } from './session.js'
import { plainName, tableCql, tableNames, tablesOf } from './tables.js'
import { DELETION_MEMORY, remembersDeletions, TOMBSTONE_GC, tombstoneGcOf } from './tombstone-gc.js'

const DDL_TIMEOUT_MS = 60_000
/** How often a change of the schema is sent that conflicts with others. ScyllaDB has tried ten times by itself then. */
const DDL_ATTEMPTS = 8
const DDL_PAUSE_MS = 500
const AGREEMENT_MS = 5000
const AGREEMENT_INTERVAL_MS = 100

/** Makes what is missing, or says what is. */
export async function prepareSchema(
  session: Session,
  settings: ScyllaSettings,
  collection: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { keyspace, schema = 'create', replication } = settings
  const database = await readDatabase(session, signal)
  if (isTooOld(database)) {
    throw new StoreError('CONFIGURATION', `ScyllaDB ${database.release?.join('.')} is too old: 5.2 or later is needed`)
  }
  const reading = { what: 'read the schema', signal }
  const where = `WHERE keyspace_name = ${literal(keyspace)}`
  const keyspaces = await session.plain(`SELECT keyspace_name FROM system_schema.keyspaces ${where}`, reading)
  const columns = `table_name, gc_grace_seconds${database.product === 'scylladb' ? ', extensions' : ''}`
  const rows = await session.plain(`SELECT ${columns} FROM system_schema.tables ${where}`, reading)
  const present = new Map(rows.map((row) => [String(row.table_name), row]))
  checkDeletionMemory(present, database, settings, collection)
  const missing = tableNames.filter((name) => !present.has(plainName(collection, name)))
  const statements = missing.map((name) => tableCql(keyspace, collection, name, database.product))
  if (keyspaces.length === 0) {
    if (schema === 'none' || replication === undefined) {
      const hint = schema === 'none' ? '' : ' Give `replication` to have it created, or create it with:'
      throw absent(`The keyspace ${keyspace}`, hint, [keyspaceCql(settings, database), ...statements])
    }
    if (settings.tablets && lacksLwtWithTablets(database)) throw noLwtWithTablets(settings, database)
    statements.unshift(keyspaceCql(settings, database))
  } else await checkTablets(session, settings, database, signal)
  if (statements.length === 0) return awaitAgreement(session, signal)
  if (schema === 'none') {
    const tables = missing.map((name) => plainName(collection, name)).join(', ')
    throw absent(`In the keyspace ${keyspace}: ${tables}`, '', statements)
  }
  // One after the other: the driver waits after each until the nodes agree on the schema.
  const withId = await idClause(session, database, signal)
  for (const statement of statements) {
    const isTable = statement.startsWith('CREATE TABLE')
    await changeSchema(session, isTable ? withId(statement) : statement, signal)
    // The next one may go to another node, which must know the keyspace.
    if (!isTable) await awaitAgreement(session, signal)
  }
  await awaitAgreement(session, signal)
}

/** The CQL that makes the keyspace. */
export function keyspaceCql({ keyspace, replication, tablets }: ScyllaSettings, database: Database): string {
  const entries = Object.entries(replication ?? { class: 'NetworkTopologyStrategy', '<data centre>': 3 })
  const map = entries.map(([name, value]) => `${literal(name)}: ${replicationLiteral(value)}`).join(', ')
  const enabled = tablets ?? (lacksLwtWithTablets(database) ? false : undefined)
  const and = enabled === undefined ? '' : ` AND tablets = {'enabled': ${enabled}}`
  return `CREATE KEYSPACE IF NOT EXISTS "${keyspace}" WITH replication = {${map}}${and}`
}

function replicationLiteral(value: ReplicationValue): string {
  return typeof value === 'object' ? `[${value.map(literal).join(', ')}]` : literal(String(value))
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * Sends a statement that changes the schema, again while the only reason against it is another change, or that the
 * node has not heard of the keyspace yet.
 */
async function changeSchema(session: Session, statement: string, signal: AbortSignal | undefined): Promise<void> {
  const options = { what: 'create the schema', signal, timeoutMs: DDL_TIMEOUT_MS }
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.plain(statement, options)
      return
    } catch (error) {
      const isTransient = /concurrent modification|keyspace \S+ (doesn't|does not) exist/i
      if (!StoreError.isInstance(error) || !isTransient.test(error.message) || attempt === DDL_ATTEMPTS) throw error
      await untilAborted(setTimeout(Math.random() * DDL_PAUSE_MS), signal)
    }
  }
}

/**
 * Cassandra up to 5.0 lets two nodes create one table at the same time, under two ids, and then forgets what was
 * written under one of them. So Tandem gives the id itself, always the same one. Later releases, and ScyllaDB, change
 * their schema by consensus.
 */
async function idClause(
  session: Session,
  { product }: Database,
  signal: AbortSignal | undefined,
): Promise<(statement: string) => string> {
  if (product === 'scylladb') return (statement) => statement
  const [row] = await session.plain('SELECT release_version FROM system.local', { what: 'read the version', signal })
  if (!/^(?:4\.|5\.0\.)/.test(String(row?.release_version))) return (statement) => statement
  return (statement) => {
    const hex = createHash('sha256')
      .update(statement.slice(0, statement.indexOf('(')))
      .digest('hex')
    const id = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)]
    return `${statement} AND ID = '${id.join('-')}'`
  }
}

/**
 * Another process may have made the tables a moment ago. A node that is down may never agree, so this waits for a
 * while only.
 */
async function awaitAgreement(session: Session, signal: AbortSignal | undefined): Promise<void> {
  const options = { what: 'read the schema’s version', signal }
  for (const end = Date.now() + AGREEMENT_MS; ; ) {
    const local = await session.plain('SELECT schema_version FROM system.local', options)
    const peers = await session.plain('SELECT schema_version FROM system.peers', options)
    const versions = [...local, ...peers].flatMap(({ schema_version: version }) => (version ? [String(version)] : []))
    if (new Set(versions).size <= 1 || Date.now() >= end) return
    await untilAborted(setTimeout(AGREEMENT_INTERVAL_MS), signal)
  }
}

/** Core relies on how long deletions are remembered, so tables that forget earlier are refused. */
function checkDeletionMemory(
  present: ReadonlyMap<string, Row>,
  { product }: Database,
  { keyspace }: ScyllaSettings,
  collection: string,
): void {
  const tables = tablesOf(keyspace, collection)
  const wrong: string[] = []
  for (const name of tableNames) {
    const row = present.get(plainName(collection, name))
    if (row === undefined) continue
    const isForgetful = name === 'documents' && Number(row.gc_grace_seconds) < DELETION_MEMORY
    if (isForgetful) wrong.push(`ALTER TABLE ${tables[name]} WITH gc_grace_seconds = ${DELETION_MEMORY};`)
    if (product === 'scylladb' && !remembersDeletions(tombstoneGcOf(row)))
      wrong.push(`ALTER TABLE ${tables[name]} WITH ${TOMBSTONE_GC};`)
  }
  if (wrong.length === 0) return
  throw new StoreError(
    'CONFIGURATION',
    `${tables.documents} forgets deletions before ${DELETION_MEMORY} s, while late writes may still come. Run:\n${wrong.join('\n')}`,
  )
}

/** Without this, the tables would be made, and the first conditional write refused. */
async function checkTablets(
  session: Session,
  settings: ScyllaSettings,
  database: Database,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!lacksLwtWithTablets(database)) return
  const query = `SELECT initial_tablets FROM system_schema.scylla_keyspaces WHERE keyspace_name = ${literal(settings.keyspace)}`
  const [row] = await session.plain(query, { what: 'read the schema', signal })
  if (row?.initial_tablets !== null && row?.initial_tablets !== undefined) throw noLwtWithTablets(settings, database)
}

function noLwtWithTablets({ keyspace }: ScyllaSettings, { release }: Database): StoreError {
  return new StoreError(
    'CONFIGURATION',
    `The keyspace ${keyspace} has tablets, with which ScyllaDB ${release?.join('.')} has no conditional writes (2025.4 has). ` +
      "Tablets cannot be taken away: use a keyspace made with tablets = {'enabled': false}",
  )
}

function absent(what: string, hint: string, statements: readonly string[]): StoreError {
  const run = hint || " `schema: 'none'` creates nothing. Run:"
  return new StoreError('CONFIGURATION', `${what} does not exist.${run}\n${statements.join(';\n')};`)
}
