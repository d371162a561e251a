import { liveRow, readValue } from '../document/row.js'
import { maxVersion } from '../document/version.js'
import type { DocumentTexts } from '../indexing/point-maker.js'
import type { IndexContext } from '../open/context.js'
import type { DocumentRef, Version } from '../ports/common.js'
import type { DocumentRow } from '../ports/kv-records.js'
import type { PointRecord } from '../ports/vector-records.js'
import { indexedTexts } from '../read/indexed-texts.js'
import { Turns } from '../resilience/steps.js'
import type { PointsOfDocument } from './point-pages.js'
import type { PointTally } from './point-tally.js'

/** A document that does not agree with its points. */
export interface Suspect {
  readonly fault: 'missing' | 'stale' | 'orphaned'
  readonly ref: DocumentRef
  /** Versions of points that are above the document's. */
  readonly above: readonly Version[]
  /** The highest version seen of the document or its points. */
  readonly highest: Version
  /** Whether it may be due to a change that no version shows: a deletion, or another expiry. */
  readonly unseen: boolean
}

export interface Findings {
  readonly suspects: readonly Suspect[]
  /** Documents that cannot be compared, as their stored values are damaged. */
  readonly damaged: readonly DocumentRef[]
}

/** A document, and the points that it should have; none (`undefined`) if its text is refused. */
interface Expected {
  readonly row: DocumentRow
  readonly made: DocumentTexts | undefined
}

/**
 * The documents whose points are not exactly those that they should have. The points of the others go into the tally.
 */
export async function findUnmatched(
  index: IndexContext,
  rows: readonly (DocumentRow | undefined)[],
  signal: AbortSignal | undefined,
  tally?: PointTally,
): Promise<Findings> {
  const now = Date.now()
  const turns = new Turns()
  const documents: Expected[] = []
  const damaged: DocumentRef[] = []
  for (const each of rows) {
    if (turns.isOver) await turns.next()
    const row = liveRow(each, now)
    if (row === undefined) continue
    const value = readValue(row)
    if (value === undefined) damaged.push(refOf(row))
    else documents.push({ row, made: await indexedTexts(index, row, value) })
  }
  const ids = documents.flatMap(({ made }) => made?.texts.map(({ id }) => id) ?? [])
  const records = await index.space.get(ids, { signal })
  let at = 0
  const suspects: Suspect[] = []
  for (const document of documents) {
    const size = document.made?.texts.length ?? 0
    const suspect = compare(document, records.slice(at, at + size))
    at += size
    if (suspect !== undefined) suspects.push(suspect)
    else for (const { id } of document.made?.texts ?? []) tally?.add(id)
  }
  return { suspects, damaged }
}

/** `found`: the point of each expected text, where there is one. One that lacks its vector counts as missing. */
function compare({ row, made }: Expected, found: readonly (PointRecord | undefined)[]): Suspect | undefined {
  const ref = refOf(row)
  // Its text is refused (too long): it is not searchable, and never will be as it is.
  if (made === undefined) return { fault: 'missing', ref, above: [], highest: row.version, unseen: false }
  const there = found.filter((record) => record !== undefined)
  const isMissing = there.length < found.length || there.some(({ lacksVector }) => lacksVector)
  if (!isMissing && made.texts.every(({ hash }, i) => matches(there[i] as PointRecord, row, made, hash)))
    return undefined
  const versions = there.map(({ version }) => version)
  return {
    fault: isMissing ? 'missing' : 'stale',
    ref,
    above: [...new Set(versions.filter((version) => version > row.version))],
    highest: versions.reduce(maxVersion, row.version),
    unseen: !isMissing && versions.includes(row.version),
  }
}

function matches(record: PointRecord, row: DocumentRow, made: DocumentTexts, hash: string): boolean {
  return (
    record.version === row.version &&
    record.hash === hash &&
    record.fingerprint === made.fingerprint &&
    record.expiresAt === row.expiresAt
  )
}

/** The documents that have points, among the given ones, which they should not have. `rows`: of the same documents. */
export async function findStray(
  index: IndexContext,
  documents: readonly PointsOfDocument[],
  rows: readonly (DocumentRow | undefined)[],
): Promise<Findings> {
  const now = Date.now()
  const turns = new Turns()
  const suspects: Suspect[] = []
  const damaged: DocumentRef[] = []
  for (const [i, { ref, points }] of documents.entries()) {
    if (turns.isOver) await turns.next()
    const row = liveRow(rows[i], now)
    const value = row && readValue(row)
    // Which points it should have is not known.
    if (row !== undefined && value === undefined) {
      damaged.push(ref)
      continue
    }
    const made = row && (await indexedTexts(index, row, value))
    const expected = new Set(made?.texts.map(({ id }) => id))
    const stray = unexpired(points, now).filter(({ id }) => !expected.has(id))
    if (stray.length === 0) continue
    const versions = [...new Set(stray.map(({ version }) => version))].sort()
    const above = row === undefined ? [] : versions.filter((version) => version > row.version)
    const highest = versions.reduce(maxVersion, row?.version ?? '')
    suspects.push({ fault: 'orphaned', ref, above, highest, unseen: row === undefined })
  }
  return { suspects, damaged }
}

/** The points that have not expired: no search finds the others, and the sweep deletes them. */
export function unexpired(points: readonly PointRecord[], now: number): PointRecord[] {
  return points.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
}

function refOf({ namespace, key }: DocumentRow): DocumentRef {
  return { namespace, key }
}
