import { checkBoolean, checkOptions } from '../api/arguments.js'
import type { VerifyOptions, VerifyResult } from '../api/maintenance.js'
import { checkPrefix, refId } from '../document/namespace.js'
import { liveRow } from '../document/row.js'
import { invalid } from '../errors.js'
import type { DocumentTexts } from '../indexing/point-maker.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import type { DocumentRef, Namespace, Version } from '../ports/common.js'
import type { DocumentRow } from '../ports/kv-records.js'
import type { PointRecord } from '../ports/vector-records.js'
import { indexedTexts } from '../read/indexed-texts.js'
import { checkAborted, raceAbort, sleepWhileOpen } from '../resilience/abort.js'
import { PendingIntents } from './pending-intents.js'
import { Repairs } from './repair.js'

const PAGE = 256

type Fault = 'missing' | 'stale' | 'orphaned'

interface Suspect {
  readonly fault: Fault
  readonly ref: DocumentRef
  /** Versions of points that are above the document's. */
  readonly above: readonly Version[]
  /** The highest version seen of the document or its points. */
  readonly highest: Version
  /** Whether it may be of a change that no version shows: a deletion, or another expiry. */
  readonly unseen: boolean
}

/**
 * Compares every document with its points. Two passes: over the documents, for points that are missing or stale; over the points, for
 * those that should not be. Before something counts it is read again, and what an intent is going to mend is counted apart.
 */
export async function verify(
  context: StoreContext,
  index: IndexContext,
  options: VerifyOptions = {},
): Promise<VerifyResult> {
  checkOptions(options, ['prefix', 'repair', 'onProgress', 'signal'])
  const { prefix = [], repair, onProgress, signal } = options
  checkPrefix(prefix, 'options.prefix')
  checkBoolean(repair, 'options.repair')
  if (onProgress !== undefined && typeof onProgress !== 'function') throw invalid('options.onProgress', 'a function')
  return raceAbort(compare(context, index, { ...options, prefix: [...prefix] }), signal)
}

async function compare(
  context: StoreContext,
  index: IndexContext,
  { prefix, repair = false, onProgress, signal }: VerifyOptions & { readonly prefix: Namespace },
): Promise<VerifyResult> {
  const result = { checked: 0, missing: 0, stale: 0, orphaned: 0, repaired: 0 }
  const pending = new Set<string>()
  const soFar = (): VerifyResult => ({ ...result, ...(pending.size === 0 ? {} : { pending: pending.size }) })

  const intents = new PendingIntents(context.kv, index.record.name)
  const repairing = new Repairs(context, index)

  const judge = async (
    refs: readonly DocumentRef[],
    find: (refs: readonly DocumentRef[]) => Promise<Suspect[]>,
  ): Promise<void> => {
    const first = await find(refs)
    if (first.length === 0) return
    await intents.lookFor(first)
    const settled: DocumentRef[] = []
    for (const { ref } of first) {
      const id = refId(ref)
      if (index.indexer.isBusy(id) || intents.covers(ref)) pending.add(id)
      else settled.push(ref)
    }
    const suspects = await find(settled)
    for (const { fault } of suspects) result[fault] += 1
    if (repair && suspects.length > 0) {
      const repairs = suspects.map(({ ref, above, highest }) => ({
        ref,
        versions: above.length === 0 ? [highest] : above,
      }))
      await repairing.add(repairs)
      result.repaired = repairing.repaired
    }
  }

  const comparePoints = async (): Promise<void> => {
    let cursor: string | undefined
    do {
      checkAborted(signal)
      const page = await index.space.scan({ prefix, cursor, limit: PAGE }, { signal })
      const points = new Map<string, PointRecord[]>()
      for (const point of page.points) points.set(refId(point), [...(points.get(refId(point)) ?? []), point])
      const ids = new Set(page.points.map(({ id }) => id))
      const refs = [...points.values()].map(([point]) => ({
        namespace: (point as PointRecord).namespace,
        key: (point as PointRecord).key,
      }))
      await judge(refs, (some) => strayPoints(context, index, some, ids))
      // A document's other points may be on the next page.
      result.repaired = await repairing.finish()
      onProgress?.(soFar())
      cursor = page.cursor
    } while (cursor !== undefined)
  }

  const compareDocuments = async (): Promise<number> => {
    let checked = 0
    let after: DocumentRef | undefined
    do {
      checkAborted(signal)
      const page = await context.kv.list({ prefix, after, limit: PAGE }, { signal })
      const now = Date.now()
      const refs = page.rows
        .filter((row) => liveRow(row, now) !== undefined)
        .map(({ namespace, key }) => ({ namespace, key }))
      await judge(refs, (some) => unmatchedDocuments(context, index, some))
      checked += refs.length
      result.checked = Math.max(result.checked, checked)
      onProgress?.(soFar())
      after = page.next
    } while (after !== undefined)
    // What is being repaired would count as pending.
    result.repaired = await repairing.finish()
    return checked
  }

  const fills = repair && prefix.length === 0 && !index.record.complete
  const waitMs = fills ? await untilKnownToAll(context, index) : 0
  await compareDocuments()
  await comparePoints()
  if (fills && waitMs > 0) {
    // What a writer that did not know the space has written meanwhile is found by comparing once more.
    await sleepWhileOpen(waitMs, context.signal, signal)
    await compareDocuments()
  }
  const mended = result.repaired === result.missing + result.stale + result.orphaned
  if (fills && mended) {
    index.record = { ...index.record, complete: true }
    await context.kv.putSpace(index.record)
  }
  return soFar()
}

/** Documents whose points are not exactly those that they should have. */
async function unmatchedDocuments(
  context: StoreContext,
  index: IndexContext,
  refs: readonly DocumentRef[],
): Promise<Suspect[]> {
  const rows = await context.kv.get(refs)
  const now = Date.now()
  const documents = rows.flatMap((row) => {
    const live = liveRow(row, now)
    return live === undefined ? [] : [{ row: live, made: indexedTexts(index, live) }]
  })
  const records = await index.space.get(documents.flatMap(({ made }) => made?.texts.map(({ id }) => id) ?? []))
  let at = 0
  const suspects: Suspect[] = []
  for (const { row, made } of documents) {
    const ref = { namespace: row.namespace, key: row.key }
    if (made === undefined) {
      // Its text is refused (too long): it is not searchable, and never will be as it is.
      suspects.push({ fault: 'missing', ref, above: [], highest: row.version, unseen: false })
      continue
    }
    const found = records.slice(at, at + made.texts.length)
    at += made.texts.length
    const above = found.flatMap((record) =>
      record !== undefined && record.version > row.version ? [record.version] : [],
    )
    if (found.some((record) => record === undefined)) {
      suspects.push({ fault: 'missing', ref, above: [...new Set(above)], highest: row.version, unseen: false })
    } else if (made.texts.some(({ hash }, i) => !matches(found[i] as PointRecord, row, made, hash))) {
      const unseen = found.some((record) => record?.version === row.version)
      suspects.push({ fault: 'stale', ref, above: [...new Set(above)], highest: row.version, unseen })
    }
  }
  return suspects
}

/** Documents that have points, among `ids`, which they should not have. */
async function strayPoints(
  context: StoreContext,
  index: IndexContext,
  refs: readonly DocumentRef[],
  ids: ReadonlySet<string>,
): Promise<Suspect[]> {
  const rows = await context.kv.get(refs)
  const records = (await index.space.get([...ids])).filter((record) => record !== undefined)
  const now = Date.now()
  return refs.flatMap((ref, i): Suspect[] => {
    const live = liveRow(rows[i], now)
    const made = live === undefined ? undefined : indexedTexts(index, live)
    const expected = new Set(made?.texts.map(({ id }) => id))
    const id = refId(ref)
    // A point that has expired is not found by any search, and the sweep deletes it.
    const stray = records.filter(
      (record) =>
        refId(record) === id && !expected.has(record.id) && (record.expiresAt === undefined || record.expiresAt > now),
    )
    if (stray.length === 0) return []
    const versions = [...new Set(stray.map(({ version }) => version))].sort()
    const highest = [...versions, ...(live === undefined ? [] : [live.version])].sort().at(-1) as Version
    return [
      {
        fault: 'orphaned',
        ref,
        above: live === undefined ? [] : versions.filter((version) => version > live.version),
        highest,
        unseen: live === undefined,
      },
    ]
  })
}

function matches(record: PointRecord, row: DocumentRow, made: DocumentTexts, hash: string): boolean {
  return (
    record.version === row.version &&
    record.hash === hash &&
    record.fingerprint === made.fingerprint &&
    record.expiresAt === row.expiresAt
  )
}

/**
 * How long until every writer that lives knows of the space, milliseconds: each looks for spaces whenever it renews its lease, so a space
 * older than a lease is known to all.
 */
async function untilKnownToAll({ kv, leaseMs }: StoreContext, { record }: IndexContext): Promise<number> {
  const { now } = await kv.clock()
  return Math.max(0, Math.ceil(record.createdAt + leaseMs - now))
}
