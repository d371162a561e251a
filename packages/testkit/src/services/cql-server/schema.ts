import type { CqlColumns } from './answers.js'

export interface CqlTable {
  readonly columns: CqlColumns
  gcGraceSeconds: number
  /** As it was given, if it was. */
  tombstoneGc: Readonly<Record<string, string>> | undefined
}

export interface CqlKeyspace {
  readonly tablets: boolean
  readonly tables: Map<string, CqlTable>
}

/** Keyspaces by their names, as statements have made them. */
export type CqlSchema = Map<string, CqlKeyspace>

const NAME = '"?(\\w+)"?'

/** Applies CREATE, ALTER and DROP. Gives whether the statement was one of them. */
export function applySchemaChange(schema: CqlSchema, query: string, tabletsByDefault: boolean): boolean {
  const keyspace = new RegExp(`^CREATE KEYSPACE (?:IF NOT EXISTS )?${NAME} WITH (.*)$`, 'is').exec(query)
  if (keyspace !== null) {
    const [, name = '', options = ''] = keyspace
    const enabled = /tablets\s*=\s*\{\s*'enabled'\s*:\s*(true|false)/i.exec(options)?.[1]
    const tablets = enabled === undefined ? tabletsByDefault : enabled === 'true'
    if (!schema.has(name)) schema.set(name, { tablets, tables: new Map() })
    return true
  }
  const table = new RegExp(`^(CREATE|ALTER|DROP) TABLE (?:IF (?:NOT )?EXISTS )?${NAME}\\.${NAME}(.*)$`, 'is').exec(
    query,
  )
  if (table === null) return /^DROP KEYSPACE/i.test(query)
  const [, verb = '', keyspaceName = '', name = '', rest = ''] = table
  const tables = schema.get(keyspaceName)?.tables
  if (tables === undefined) return true
  if (verb.toUpperCase() === 'DROP') tables.delete(name)
  else if (verb.toUpperCase() === 'CREATE') {
    if (!tables.has(name)) tables.set(name, { columns: columnsOf(rest), ...optionsOf(rest, undefined) })
  } else {
    const existing = tables.get(name)
    if (existing !== undefined) Object.assign(existing, optionsOf(rest, existing))
  }
  return true
}

function columnsOf(definition: string): CqlColumns {
  const inner = definition.slice(definition.indexOf('(') + 1, definition.search(/,?\s*PRIMARY KEY/i))
  const columns = inner.split(/,(?![^<]*>)/).map((column) => /^\s*"?(\w+)"?\s+(.+?)\s*$/.exec(column))
  return Object.fromEntries(columns.flatMap((match) => (match === null ? [] : [[match[1], match[2]]])))
}

function optionsOf(text: string, before: Omit<CqlTable, 'columns'> | undefined): Omit<CqlTable, 'columns'> {
  const seconds = /gc_grace_seconds\s*=\s*(\d+)/i.exec(text)?.[1]
  const map = /tombstone_gc\s*=\s*\{([^}]*)\}/i.exec(text)?.[1]
  return {
    gcGraceSeconds: seconds === undefined ? (before?.gcGraceSeconds ?? 864_000) : Number(seconds),
    tombstoneGc:
      map === undefined
        ? before?.tombstoneGc
        : Object.fromEntries([...map.matchAll(/'(\w+)'\s*:\s*'(\w+)'/g)].map(([, name, value]) => [name, value])),
  }
}

/** The table that a statement is about, where it is known. */
export function tableOf(schema: CqlSchema, query: string): CqlTable | undefined {
  const { keyspace, name } = namesIn(query)
  return schema.get(keyspace)?.tables.get(name)
}

/** Whether a statement is about a table that is not there, in a keyspace that is. */
export function isOfMissingTable(schema: CqlSchema, query: string): boolean {
  const { keyspace, name } = namesIn(query)
  return schema.has(keyspace) && !schema.get(keyspace)?.tables.has(name)
}

function namesIn(query: string): { readonly keyspace: string; readonly name: string } {
  const [, keyspace = '', name = ''] = new RegExp(`(?:FROM|INTO|UPDATE) ${NAME}\\.${NAME}`, 'i').exec(query) ?? []
  return { keyspace, name }
}

/** The types of the values that a statement binds, in order. */
export function boundTypes(query: string, columns: CqlColumns): string[] {
  const types: string[] = []
  const type = (column: string | undefined): string => columns[column?.replaceAll('"', '').trim() ?? ''] ?? 'text'
  const inserted = /INSERT INTO \S+ \(([^)]*)\) VALUES \(([^)]*)\)/i.exec(query)
  const valuesAt = inserted === null ? -1 : query.indexOf('VALUES')
  let insertedColumns = inserted === null ? [] : (inserted[1] ?? '').split(',')
  if (inserted !== null) {
    // Literals among the values bind nothing.
    const values = (inserted[2] ?? '').split(',')
    insertedColumns = insertedColumns.filter((_, i) => values[i]?.trim() === '?')
  }
  for (const { index } of query.matchAll(/\?/g)) {
    const before = query.slice(0, index)
    const tuple = /\(([^()]*)\)\s*>=?\s*\(([?,\s]*)$/.exec(before)
    if (/TIMESTAMP\s*$/i.test(before)) types.push('bigint')
    else if (/(?:TTL|LIMIT)\s*$/i.test(before)) types.push('int')
    else if (tuple !== null) types.push(type(tuple[1]?.split(',')[tuple[2]?.match(/\?/g)?.length ?? 0]))
    else if (/\bIN\s*$/i.test(before)) types.push(`list<${type(/("?\w+"?)\s+IN\s*$/i.exec(before)?.[1])}>`)
    else if (valuesAt >= 0 && index > valuesAt && insertedColumns.length > 0) types.push(type(insertedColumns.shift()))
    else types.push(type(/("?\w+"?)\s*(?:=|>=|<=|<|>)\s*$/.exec(before)?.[1]))
  }
  return types
}
