import { decodeNamespace, type Intent } from '@tandemstore/core/adapter'
import type { CellStore } from './cells.js'
import type { Place } from './intent-partitions.js'
import type { Session, Statement, StatementOptions } from './session.js'
import type { Stamp } from './stamp.js'
import type { Tables } from './tables.js'

/** The first key that a document can have, as keys hold no NUL. The rows below it are intents. Part of the stored format. */
export const FIRST_DOCUMENT_KEY = '\u0001'

const PAGE = 100

/** Intents in the partition of the document that they are about: what changes one partition is one request, and atomic. */
export interface CoLocatedIntents {
  placeOf(intent: Intent): Place
  add(intent: Intent): Statement
  remove(intent: Intent): Statement
  /** The intents of a minute in a place, by version, behind a key that an earlier call gave. */
  list(
    space: string,
    minute: number,
    place: Place,
    after: string | undefined,
    options: StatementOptions,
  ): AsyncGenerator<{ readonly intent: Intent; readonly key: string }>
  isEmpty(space: string, minute: number, place: Place, options: StatementOptions): Promise<boolean>
}

/** Their rows come before all documents, by space and version, so that neither is read with the other, nor with the tombstones of other minutes. */
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
    { namespace, bucket }: Place,
    [from, to]: readonly [string, string],
    limit: number,
    options: StatementOptions,
  ) => session.page(statements.list, [namespace, bucket, from, to], limit, options)
  const rowOf = (intent: Intent): [string, number, string] => {
    const [namespace, bucket] = primaryKey(intent)
    return [namespace, bucket, rowKey(intent)]
  }
  return {
    placeOf(intent) {
      const [namespace, bucket] = primaryKey(intent)
      return { namespace, bucket }
    },
    add: (intent) => ({ query: statements.add, params: [stamp(), ...rowOf(intent)] }),
    remove: (intent) => ({ query: statements.remove, params: [stamp(), ...rowOf(intent)] }),
    async *list(space, minute, place, after, options) {
      const [first, end] = rangeOf(space, minute)
      for (let from = after === undefined ? first : `${after}\0`; ; ) {
        const page = await read(place, [from, end], PAGE, options)
        for (const row of page.items) {
          const key = String(row.key)
          yield { intent: toIntent(place, key), key }
          from = `${key}\0`
        }
        if (page.end) return
      }
    },
    async isEmpty(space, minute, place, options) {
      const { items } = await read(place, rangeOf(space, minute), 1, options)
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

function toIntent(place: Place, rowKeyText: string): Intent {
  const [, space = '', version = '', key = ''] = rowKeyText.split('\0')
  return { kind: 'document', namespace: decodeNamespace(place.namespace), key, version, space }
}
