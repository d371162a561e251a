import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { StoreError } from '@tandemstore/core/adapter'
import { untilAborted } from './errors.js'
import type { ScyllaSettings } from './options.js'
import type { Session } from './session.js'

/** How long a deletion is remembered: `gc_grace_seconds` of the tables. Seconds. */
export const DELETION_MEMORY = 864_000
/**
 * `gc_grace_seconds` of the tables that say where intents may be. Long enough for hints (3 hours); a minute that comes back after that is only
 * looked at in vain.
 */
const REGISTRATION_MEMORY = 14_400

/** The tables of a collection, quoted and with their keyspace. */
export interface Tables {
  /** `document`: the cell of plain writes. `claim`: that of a conditional write which is not settled yet. Intents are among them, before all keys. */
  readonly documents: string
  readonly namespaces: string
  readonly deletions: string
  readonly intents: string
  readonly minutes: string
  readonly places: string
  readonly records: string
}

const suffixes: Readonly<Record<keyof Tables, string>> = {
  documents: 'documents',
  namespaces: 'namespaces',
  deletions: 'deletions',
  intents: 'intents',
  minutes: 'intent_minutes',
  places: 'intent_places',
  records: 'records',
}

const columns: Readonly<Record<keyof Tables, string>> = {
  documents:
    'namespace text, bucket int, "key" text, document text, claim text, PRIMARY KEY ((namespace, bucket), "key")',
  namespaces: 'shard int, namespace text, checked boolean, PRIMARY KEY ((shard), namespace)',
  deletions: 'prefix text, version text, PRIMARY KEY (prefix)',
  intents:
    'space text, minute int, shard int, version text, kind text, namespace text, "key" text, failure text, ' +
    'PRIMARY KEY ((space, minute, shard), version, kind, namespace, "key")',
  minutes: 'space text, minute int, PRIMARY KEY ((space), minute)',
  places:
    'space text, minute int, shard int, namespace text, bucket int, writer text, ' +
    'PRIMARY KEY ((space, minute, shard), namespace, bucket, writer)',
  records: 'kind text, name text, value text, PRIMARY KEY ((kind), name)',
}

const names = Object.keys(suffixes) as (keyof Tables)[]

export function tablesOf(keyspace: string, collection: string): Tables {
  const quoted = (name: keyof Tables): string => `"${keyspace}"."${collection}_${suffixes[name]}"`
  return Object.fromEntries(names.map((name) => [name, quoted(name)])) as unknown as Tables
}

/** The CQL that makes the keyspace. */
export function keyspaceCql({ keyspace, replication, tablets }: ScyllaSettings): string {
  const entries = Object.entries(replication ?? { class: 'NetworkTopologyStrategy', '<data centre>': 3 })
  const map = entries.map(([name, value]) => `${literal(name)}: ${literal(String(value))}`).join(', ')
  const and = tablets === undefined ? '' : ` AND tablets = {'enabled': ${tablets}}`
  return `CREATE KEYSPACE IF NOT EXISTS "${keyspace}" WITH replication = {${map}}${and}`
}

/** The CQL that makes the tables of a collection, for those who keep the schema themselves (`schema: 'none'`). */
export function schemaCql(keyspace: string, collection: string): string[] {
  return names.map((name) => tableCql(keyspace, collection, name))
}

function tableCql(keyspace: string, collection: string, name: keyof Tables): string {
  const memory = name === 'minutes' || name === 'places' ? REGISTRATION_MEMORY : DELETION_MEMORY
  return `CREATE TABLE IF NOT EXISTS ${tablesOf(keyspace, collection)[name]} (${columns[name]}) WITH gc_grace_seconds = ${memory}`
}

/**
 * Cassandra up to 5.0 lets two nodes create one table at the same time, under two ids, and then forgets what was written under one of them. So
 * Tandem gives the id itself, always the same one. Later releases, and ScyllaDB, change their schema by consensus.
 */
async function idClause(session: Session, signal: AbortSignal | undefined): Promise<(statement: string) => string> {
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

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

const DDL_TIMEOUT_MS = 60_000
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
  const reading = { what: 'read the schema', signal }
  const where = `WHERE keyspace_name = ${literal(keyspace)}`
  const keyspaces = await session.plain(`SELECT keyspace_name FROM system_schema.keyspaces ${where}`, reading)
  const rows = await session.plain(`SELECT table_name, gc_grace_seconds FROM system_schema.tables ${where}`, reading)
  const present = new Map(rows.map((row) => [row.table_name, Number(row.gc_grace_seconds)]))
  checkMemory(tablesOf(keyspace, collection), present.get(`${collection}_${suffixes.documents}`))
  const missing = names.filter((name) => !present.has(`${collection}_${suffixes[name]}`))
  const statements = missing.map((name) => tableCql(keyspace, collection, name))
  if (keyspaces.length === 0) {
    if (schema === 'none' || replication === undefined) {
      const hint = schema === 'none' ? '' : ' Give `replication` to have it created, or create it with:'
      throw absent(`The keyspace ${keyspace}`, hint, [keyspaceCql(settings), ...statements])
    }
    statements.unshift(keyspaceCql(settings))
  }
  if (statements.length === 0) return awaitAgreement(session, signal)
  if (schema === 'none') {
    const tables = missing.map((name) => `${collection}_${suffixes[name]}`).join(', ')
    throw absent(`In the keyspace ${keyspace}: ${tables}`, '', statements)
  }
  // One after the other: the driver waits after each until the nodes agree on the schema.
  const withId = await idClause(session, signal)
  for (const statement of statements) {
    const own = statement.startsWith('CREATE TABLE') ? withId(statement) : statement
    await session.plain(own, { what: 'create the schema', signal, timeoutMs: DDL_TIMEOUT_MS })
  }
  await awaitAgreement(session, signal)
}

/** Another process may have made the tables a moment ago. A node that is down may never agree, so this waits for a while only. */
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

/** Core relies on how long deletions are remembered, so a table that forgets earlier is refused. */
function checkMemory({ documents }: Tables, seconds = DELETION_MEMORY): void {
  if (seconds >= DELETION_MEMORY) return
  throw new StoreError(
    'CONFIGURATION',
    `${documents} forgets deletions after ${seconds} s, before late writes have to be over. Run:\n` +
      `ALTER TABLE ${documents} WITH gc_grace_seconds = ${DELETION_MEMORY};`,
  )
}

function absent(what: string, hint: string, statements: readonly string[]): StoreError {
  const run = hint || " `schema: 'none'` creates nothing. Run:"
  return new StoreError('CONFIGURATION', `${what} does not exist.${run}\n${statements.join(';\n')};`)
}
