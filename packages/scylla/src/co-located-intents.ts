import { decodeNamespace, type Intent } from '@tandemstore/core/adapter'
import type { CellStore } from './cells.js'
import type { DocumentPartition } from './intent-partitions.js'
import type { Session, Statement, StatementOptions } from './session.js'
import type { Stamp } from './stamp.js'
import type { Tables } from './tables.js'

/**
 * The first key that a document can have, as keys hold no NUL. Rows before it are intents. Part of the stored format.
 */
export const FIRST_DOCUMENT_KEY = '\u0001'

const PAGE = 100

/** Intents in the partition of their document, so that both are written by one request, atomically. */
export interface CoLocatedIntents {
  partitionOf(intent: Intent): DocumentPartition
  add(intent: Intent): Statement
  remove(intent: Intent): Statement
  /** The intents of a minute in a partition, by version, behind a key that an earlier call gave. */
  list(
    space: string,
    minute: number,
    partition: DocumentPartition,
    after: string | undefined,
    options: StatementOptions,
  ): AsyncGenerator<{ readonly intent: Intent; readonly key: string }>
  isEmpty(space: string, minute: number, partition: DocumentPartition, options: StatementOptions): Promise<boolean>
}

/**
 * Their rows come before all documents, ordered by space and version. A read of documents meets no intents, and a
 * read of one minute meets no tombstones of another.
 */
export function makeCoLocatedIntents(
  session: Session,
  { documents }: Tables,
  primaryKey: CellStore['primaryKey'],
  stamp: Stamp,
): CoLocatedIntents {
  const statements = {
    add: `UPDATE ${documents} USING TIMESTAMP ? SET document = '' WHERE namespace = ? AND bucket = ? AND "key" = ?`,
    remove: `DELETE FROM ${documents} USING TIMESTAMP ? WHERE namespace = ? AND bucket = ? AND "key" = ?`,
    list: `SELECT "key" FROM ${documents} WHERE namespace = ? AND bucket = ? AND "key" >= ? AND "key" < ? LIMIT ?`,
  }
  const read = (
    { namespace, bucket }: DocumentPartition,
    [from, to]: readonly [string, string],
    limit: number,
    options: StatementOptions,
  ) => session.page(statements.list, [namespace, bucket, from, to], limit, options)
  const rowOf = (intent: Intent): [string, number, string] => {
    const [namespace, bucket] = primaryKey(intent)
    return [namespace, bucket, rowKey(intent)]
  }
  return {
    partitionOf(intent) {
      const [namespace, bucket] = primaryKey(intent)
      return { namespace, bucket }
    },
    add: (intent) => ({ query: statements.add, params: [stamp(), ...rowOf(intent)] }),
    remove: (intent) => ({ query: statements.remove, params: [stamp(), ...rowOf(intent)] }),
    async *list(space, minute, partition, after, options) {
      const [first, end] = rangeOf(space, minute)
      for (let from = after === undefined ? first : `${after}\0`; ; ) {
        const page = await read(partition, [from, end], PAGE, options)
        for (const row of page.items) {
          const key = String(row.key)
          yield { intent: toIntent(partition, key), key }
          from = `${key}\0`
        }
        if (page.end) return
      }
    },
    async isEmpty(space, minute, partition, options) {
      const { items } = await read(partition, rangeOf(space, minute), 1, options)
      return items.length === 0
    },
  }
}

function rowKey({ space, version, key }: Intent): string {
  return `\0${space}\0${version}\0${key}`
}

function rangeOf(space: string, minute: number): [from: string, to: string] {
  const start = (which: number): string => `\0${space}\0${String(which * 60_000_000).padStart(16, '0')}`
  return [start(minute), start(minute + 1)]
}

function toIntent(partition: DocumentPartition, rowKeyText: string): Intent {
  const [, space = '', version = '', key = ''] = rowKeyText.split('\0')
  return { kind: 'document', namespace: decodeNamespace(partition.namespace), key, version, space }
}
