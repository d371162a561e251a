import {
  compareText,
  decodeNamespace,
  encodeNamespace,
  type Intent,
  StoreError,
  versionMicros,
  versionWriter,
} from '@tandemstore/core/adapter'
import { type Merged, mergeSorted } from './merge.js'
import { mapWindow } from './rolling-window.js'
import type { Row, Session, Statement, StatementOptions } from './session.js'
import type { Stamp } from './stamp.js'
import type { Tables } from './tables.js'

/** Partitions that the intents of one minute are spread over. Part of the stored format. */
const SHARDS = 16
/**
 * A writer's intents of this span share a shard, so that those of one call take few requests. Part of the stored
 * format. Microseconds.
 */
const SPAN_MICROS = 8192

/** Where an intent stands within its minute. */
export type ShardPosition = readonly [version: string, kind: string, namespace: string, key: string]

const FIRST: ShardPosition = ['', '', '', '']

export interface ShardedIntents {
  /** The partition of an intent, as one text. */
  partitionOf(intent: Intent): string
  add(intent: Intent): Statement
  remove(intent: Intent): Statement
  /** The intents of a minute in order, behind a position. */
  list(
    space: string,
    minute: number,
    after: ShardPosition | undefined,
    pageSize: number,
    options: StatementOptions,
  ): Merged<Intent, ShardPosition>
  isEmpty(space: string, minute: number, options: StatementOptions): Promise<boolean>
  /** Deletes the whole minute, as far as it was written up to a time, in microseconds. */
  drop(space: string, minute: number, upTo: string, options: StatementOptions): Promise<void>
}

export function minuteOf(version: string): number {
  return Math.floor(versionMicros(version) / 60_000_000)
}

export function shardPositionOf({ version, kind, namespace, key }: Intent): ShardPosition {
  return [version, kind, encodeNamespace(namespace), key]
}

/** Intents in partitions of a minute (that of their version) and a shard. */
export function makeShardedIntents(session: Session, { intents }: Tables, stamp: Stamp): ShardedIntents {
  const where = 'space = ? AND minute = ? AND shard = ?'
  const statements = {
    add: `INSERT INTO ${intents} (space, minute, shard, version, kind, namespace, "key", failure) VALUES (?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    remove: `DELETE FROM ${intents} USING TIMESTAMP ? WHERE ${where} AND version = ? AND kind = ? AND namespace = ? AND "key" = ?`,
    list: `SELECT version, kind, namespace, "key", failure FROM ${intents} WHERE ${where} AND (version, kind, namespace, "key") >= (?, ?, ?, ?) LIMIT ?`,
    any: `SELECT version FROM ${intents} WHERE ${where} LIMIT ?`,
    drop: `DELETE FROM ${intents} USING TIMESTAMP ? WHERE ${where}`,
  }
  const allShards = Array.from({ length: SHARDS }, (_, shard) => shard)
  const partition = ({ space, version }: Intent): [string, number, number] => [
    space,
    minuteOf(version),
    shardOf(version),
  ]
  return {
    partitionOf: (intent) => partition(intent).join(' '),
    add(intent) {
      const text = intent.failure === undefined ? '' : JSON.stringify(intent.failure)
      return { query: statements.add, params: [...partition(intent), ...shardPositionOf(intent), text, stamp()] }
    },
    remove: (intent) => ({
      query: statements.remove,
      params: [stamp(), ...partition(intent), ...shardPositionOf(intent)],
    }),
    list: (space, minute, after, pageSize, options) =>
      mergeSorted<Intent, ShardPosition>({
        sources: SHARDS,
        from: after === undefined ? FIRST : behind(after),
        fetch: async (shard, from) => {
          const size = Math.ceil((2 * pageSize) / SHARDS) + 1
          const page = await session.page(statements.list, [space, minute, shard, ...from], size, options)
          return { items: page.items.map((row) => toIntent(space, row)), end: page.end }
        },
        positionOf: shardPositionOf,
        compare: comparePositions,
        behind,
      }),
    async isEmpty(space, minute, options) {
      const left = await mapWindow(allShards, SHARDS, (shard) =>
        session.page(statements.any, [space, minute, shard], 1, options),
      )
      return left.every(({ items }) => items.length === 0)
    },
    async drop(space, minute, upTo, options) {
      await mapWindow(allShards, SHARDS, (shard) =>
        session.write(statements.drop, [upTo, space, minute, shard], options),
      )
    },
  }
}

/**
 * Moves through the shards with time, each writer from a start of its own, so that no partition takes all writes of a
 * moment.
 */
function shardOf(version: string): number {
  const first = Number.parseInt(versionWriter(version).slice(0, 4), 16)
  return (Math.floor(versionMicros(version) / SPAN_MICROS) + first) % SHARDS
}

function comparePositions(a: ShardPosition, b: ShardPosition): number {
  for (const [i, text] of a.entries()) {
    const order = compareText(text, b[i] as string)
    if (order !== 0) return order
  }
  return 0
}

function behind([version, kind, namespace, key]: ShardPosition): ShardPosition {
  return [version, kind, namespace, `${key}\0`]
}

function toIntent(space: string, row: Row): Intent {
  const { version, kind, failure } = row
  const ref = { namespace: decodeNamespace(String(row.namespace)), key: String(row.key) }
  const intent: Intent = { kind: kind === 'prefix' ? 'prefix' : 'document', ...ref, version: String(version), space }
  if (!failure) return intent
  try {
    return { ...intent, failure: JSON.parse(String(failure)) as NonNullable<Intent['failure']> }
  } catch (error) {
    throw new StoreError('KV_FAILED', `The intent of ${JSON.stringify(ref.key)} is damaged`, { ...ref, cause: error })
  }
}
