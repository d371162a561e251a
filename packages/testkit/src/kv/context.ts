import type {
  DocumentRef,
  DocumentRow,
  KVBackend,
  KVCollection,
  PutRow,
  Version,
  WriteOutcome,
} from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import { uniqueName, versionSource } from '../shared/check.js'
import type { Opened } from '../shared/describe-checks.js'
import { slices } from '../shared/slices.js'

/** What a check of a KVBackend works with. */
export interface KVContext {
  readonly kv: KVBackend
  /** Shared by the checks; each keeps to namespaces that begin with `root`. */
  readonly collection: KVCollection
  /** A label that no other check uses; also the name of its vector space. */
  readonly root: string
  /** The next version. */
  version(): Version
  /** Opens a collection that holds nothing; it is closed at the end. */
  fresh(): Promise<KVCollection>
}

/** Opens what the checks share. `close` closes every collection that was opened. */
export async function openKV(kv: KVBackend): Promise<Omit<Opened<KVContext>, 'observed'>> {
  const opened: KVCollection[] = []
  const fresh = async (): Promise<KVCollection> => {
    const collection = await kv.open(uniqueName('t'))
    opened.push(collection)
    return collection
  }
  const collection = await fresh()
  const version = versionSource()
  return {
    context: () => ({ kv, collection, root: uniqueName('r'), version, fresh }),
    async close() {
      for (const each of opened) await each.close()
    },
  }
}

/** A row with plain contents where nothing else is given; frozen, as an adapter may change no input. */
export function rowOf(
  ref: DocumentRef,
  version: Version,
  rest: Partial<Omit<DocumentRow, 'namespace' | 'key' | 'version'>> = {},
): DocumentRow {
  const at = Math.floor(Number(version.slice(0, 16)) / 1000)
  const row = { ...ref, version, value: JSON.stringify({ of: version }), createdAt: at, updatedAt: at, ...rest }
  return Object.freeze(row)
}

/** Puts rows, in several calls if there are many, and expects each to be written. */
export async function putAll(collection: KVCollection, rows: readonly DocumentRow[]): Promise<void> {
  for (const slice of slices(rows)) {
    const outcomes = await collection.put(slice.map((row): PutRow => ({ row })))
    expect(outcomes.map(({ status }) => status)).toEqual(slice.map(() => 'written'))
  }
}

/** Reads one row. */
export async function read(collection: KVCollection, ref: DocumentRef): Promise<DocumentRow | undefined> {
  const rows = await collection.get([{ namespace: ref.namespace, key: ref.key }])
  expect(rows).toHaveLength(1)
  return rows[0]
}

/**
 * Expects that a write of `version` which came too late was taken and did nothing; a database that writes blindly
 * says `written`.
 */
export function expectTooLate(outcome: WriteOutcome | undefined, version: Version): void {
  if (outcome?.status === 'superseded') expect(outcome.version >= version).toBe(true)
  else expect(outcome?.status).toBe('written')
}

/** Every row under a prefix, read page by page. */
export async function listAll(
  collection: KVCollection,
  prefix: readonly string[],
  limit = 100,
): Promise<DocumentRow[]> {
  const all: DocumentRow[] = []
  let after: DocumentRef | undefined
  for (let pages = 0; pages < 1000; pages += 1) {
    const page = await collection.list({ prefix, after, limit })
    expect(page.rows.length).toBeLessThanOrEqual(limit)
    all.push(...page.rows)
    if (page.next === undefined) return all
    after = page.next
  }
  return expect.fail('list did not come to an end within 1,000 pages')
}

export function refOf({ namespace, key }: DocumentRef): DocumentRef {
  return { namespace, key }
}
