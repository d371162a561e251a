import { type CqlAnswer, type CqlColumns, rows } from './answers.js'
import type { CqlSchema } from './schema.js'

export interface SystemSettings {
  readonly version: string | undefined
  readonly localDataCenter: string
  readonly schema: CqlSchema
}

type SystemRow = Readonly<Record<string, unknown>>

const HOST_ID = '11111111-1111-4111-8111-111111111111'
const SCHEMA_VERSION = '22222222-2222-4222-8222-222222222222'

const local: CqlColumns = {
  key: 'text',
  bootstrapped: 'text',
  broadcast_address: 'inet',
  cluster_name: 'text',
  cql_version: 'text',
  data_center: 'text',
  host_id: 'uuid',
  listen_address: 'inet',
  native_protocol_version: 'text',
  partitioner: 'text',
  rack: 'text',
  release_version: 'text',
  rpc_address: 'inet',
  schema_version: 'uuid',
  tokens: 'set<text>',
}

/**
 * A statement on a system table, answered as ScyllaDB does (Cassandra where there is no version). `undefined`: it is
 * about none.
 */
export function answerSystem(query: string, settings: SystemSettings): CqlAnswer | undefined {
  const [, list = '', table = '', where = ''] =
    /^SELECT (.*?) FROM (system\w*\.\w+)(?:\s+WHERE (.*))?$/is.exec(query.trim()) ?? []
  if (table === '') return undefined
  if (/toUnixTimestamp\(now\(\)\)/i.test(list)) return rows({ now: 'bigint' }, [{ now: String(Date.now()) }])
  const found = tableFor(table.toLowerCase(), settings)
  if (found === undefined) return { kind: 'error', code: 0x2200, message: `unconfigured table ${table}`, details: {} }
  const filters = [...where.matchAll(/(\w+)\s*=\s*'([^']*)'/g)]
  const kept = found.rows.filter((row) => filters.every(([, name = '', value]) => row[name] === value))
  if (list.trim() === '*') return rows(found.columns, kept)
  const names = list.split(',').map((name) => name.trim())
  return rows(Object.fromEntries(names.map((name) => [name, found.columns[name] ?? 'text'])), kept)
}

function tableFor(
  table: string,
  { version, localDataCenter, schema }: SystemSettings,
): { readonly columns: CqlColumns; readonly rows: readonly SystemRow[] } | undefined {
  switch (table) {
    case 'system.local': {
      const row = {
        key: 'local',
        bootstrapped: 'COMPLETED',
        broadcast_address: '127.0.0.1',
        cluster_name: 'scripted',
        cql_version: '3.3.1',
        data_center: localDataCenter,
        host_id: HOST_ID,
        listen_address: '127.0.0.1',
        native_protocol_version: '4',
        partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
        rack: 'rack1',
        // ScyllaDB always says so.
        release_version: version === undefined ? '4.1.10' : '3.0.8',
        rpc_address: '127.0.0.1',
        schema_version: SCHEMA_VERSION,
        tokens: ['0'],
      }
      if (version === undefined) return { columns: local, rows: [row] }
      return {
        columns: { ...local, supported_features: 'text' },
        rows: [{ ...row, supported_features: 'CDC,LWT,TABLETS' }],
      }
    }
    case 'system.peers':
      return { columns: { peer: 'inet', schema_version: 'uuid' }, rows: [] }
    case 'system.versions':
      if (version === undefined) return undefined
      return { columns: { key: 'text', version: 'text', build_mode: 'text' }, rows: [{ key: 'local', version }] }
    case 'system_schema.keyspaces': {
      const columns = { keyspace_name: 'text', durable_writes: 'boolean', replication: 'map<text,text>' }
      const replication = { class: 'org.apache.cassandra.locator.NetworkTopologyStrategy', [localDataCenter]: '1' }
      const names = [...schema.keys()]
      return { columns, rows: names.map((name) => ({ keyspace_name: name, durable_writes: true, replication })) }
    }
    case 'system_schema.scylla_keyspaces': {
      if (version === undefined) return undefined
      const columns = { keyspace_name: 'text', initial_tablets: 'int' }
      const withTablets = [...schema].filter(([, { tablets }]) => tablets)
      return { columns, rows: withTablets.map(([name]) => ({ keyspace_name: name, initial_tablets: 0 })) }
    }
    case 'system_schema.tables': {
      const columns = {
        keyspace_name: 'text',
        table_name: 'text',
        gc_grace_seconds: 'int',
        extensions: 'map<text,blob>',
      }
      const all = [...schema].flatMap(([keyspace, { tables }]) =>
        [...tables].map(([name, { gcGraceSeconds, tombstoneGc }]) => ({
          keyspace_name: keyspace,
          table_name: name,
          gc_grace_seconds: gcGraceSeconds,
          extensions: tombstoneGc === undefined ? {} : { tombstone_gc: tombstoneGcBlob(tombstoneGc) },
        })),
      )
      return { columns, rows: all }
    }
    default:
      return undefined
  }
}

/**
 * ScyllaDB's form of a map of texts: the number of entries, then length and bytes of each name and value, little
 * endian.
 */
function tombstoneGcBlob(options: Readonly<Record<string, string>>): Buffer {
  const all = { mode: 'timeout', propagation_delay_in_seconds: '3600', ...options }
  const int = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    return bytes
  }
  const text = (value: string): Buffer[] => [int(Buffer.byteLength(value)), Buffer.from(value)]
  const entries = Object.entries(all)
  return Buffer.concat([int(entries.length), ...entries.flatMap(([name, value]) => [...text(name), ...text(value)])])
}
