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
import { PointTally } from './point-tally.js'
import { forEachPage } from './read-ahead.js'
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
 * Compares every document with its points. One pass over the documents finds points that are missing or stale; one
 * over the points shows whether there are others, and only then a third looks which. Before something counts it is
 * read again, and what an intent is going to mend is counted apart.
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
    findFirst = find,
  ): Promise<void> => {
    const first = await findFirst(refs)
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

  /** Points that documents should have, and have. Those that are there are taken away again: what is left differs. */
  const tally = new PointTally()

  const scanPoints = (visit: (points: readonly PointRecord[]) => Promise<void>): Promise<void> =>
    forEachPage(
      (cursor: string | undefined) => {
        checkAborted(signal)
        return index.space.scan({ prefix, cursor, limit: PAGE }, { signal })
      },
      (page) => page.cursor,
      (page) => visit(page.points),
    )

  const comparePoints = async (): Promise<void> => {
    await scanPoints(async (points) => {
      const now = Date.now()
      for (const point of points) if (!hasExpired(point, now)) tally.remove(point.id)
      onProgress?.(soFar())
    })
    if (tally.allEven) return
    await scanPoints(async (points) => {
      const suspects = points.filter(({ id }) => !tally.isEven(id))
      const refs = new Map(suspects.map(({ namespace, key }) => [refId({ namespace, key }), { namespace, key }]))
      const ids = new Set(suspects.map(({ id }) => id))
      await judge([...refs.values()], (some) => strayPoints(context, index, some, ids))
      // A document's other points may be on the next page.
      result.repaired = await repairing.finish()
      onProgress?.(soFar())
    })
  }

  const compareDocuments = async (): Promise<number> => {
    let checked = 0
    await forEachPage(
      (after: DocumentRef | undefined) => {
        checkAborted(signal)
        return context.kv.list({ prefix, after, limit: PAGE }, { signal })
      },
      (page) => page.next,
      async (page) => {
        const now = Date.now()
        const live = page.rows.filter((row) => liveRow(row, now) !== undefined)
        const refs = live.map(({ namespace, key }) => ({ namespace, key }))
        await judge(
          refs,
          async (some) => unmatchedDocuments(index, await context.kv.get(some)),
          () => unmatchedDocuments(index, live, tally),
        )
        checked += refs.length
        result.checked = Math.max(result.checked, checked)
        onProgress?.(soFar())
      },
    )
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

/**
 * Documents whose points are not exactly those that they should have. The points of the others are added to the
 * tally.
 */
async function unmatchedDocuments(
  index: IndexContext,
  rows: readonly (DocumentRow | undefined)[],
  tally?: PointTally,
): Promise<Suspect[]> {
  const now = Date.now()
  const documents: { readonly row: DocumentRow; readonly made: DocumentTexts | undefined }[] = []
  for (const row of rows) {
    const live = liveRow(row, now)
    if (live !== undefined) documents.push({ row: live, made: await indexedTexts(index, live) })
  }
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
    } else {
      for (const { id } of made.texts) tally?.add(id)
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
  const byDocument = Map.groupBy(records, refId)
  const documents = await Promise.all(
    rows.map(async (row) => {
      const live = liveRow(row, now)
      return { live, made: live && (await indexedTexts(index, live)) }
    }),
  )
  return refs.flatMap((ref, i): Suspect[] => {
    const { live, made } = documents[i] ?? {}
    const expected = new Set(made?.texts.map(({ id }) => id))
    const stray = (byDocument.get(refId(ref)) ?? []).filter(
      (record) => !expected.has(record.id) && !hasExpired(record, now),
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

/** A point that has expired is not found by any search, and the sweep deletes it. */
function hasExpired({ expiresAt }: PointRecord, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now
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
 * How long until every writer that lives knows of the space, milliseconds: each looks for spaces whenever it renews
 * its lease, so a space older than a lease is known to all.
 */
async function untilKnownToAll({ kv, leaseMs }: StoreContext, { record }: IndexContext): Promise<number> {
  const { now } = await kv.clock()
  return Math.max(0, Math.ceil(record.createdAt + leaseMs - now))
}
