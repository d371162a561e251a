import { liveRow, storedValue } from '../document/row.js'
import { maxVersion } from '../document/version.js'
import type { DocumentRow } from '../ports/kv-records.js'
import type { DocumentPoints } from '../ports/vector-records.js'
import { type DocumentTexts, NOT_INDEXED, type PointMaker, type PointText } from './point-maker.js'
import type { Projection, Target } from './projection.js'

/**
 * What the points shall become, by what the KV holds.
 *
 * @throws StoreError for what is the document's own fault: EMBEDDING_FAILED for a text too long, where the store refuses
 *   those; INDEX_FAILED for a damaged row
 */
export function targetOf(projection: Projection, row: DocumentRow | undefined, points: PointMaker): Target {
  const live = liveRow(row, Date.now())
  if (live === undefined) return absent(projection, row)
  return present(projection, live, points.make(live, storedValue(live, 'INDEX_FAILED'), live.index))
}

/** `targetOf`, in turns of the event loop where it takes long. */
export async function targetInTurns(
  projection: Projection,
  row: DocumentRow | undefined,
  points: PointMaker,
): Promise<Target> {
  const live = liveRow(row, Date.now())
  if (live === undefined) return absent(projection, row)
  return present(projection, live, await points.makeInTurns(live, storedValue(live, 'INDEX_FAILED'), live.index))
}

function absent({ highest }: Projection, row: DocumentRow | undefined): Target {
  return { kind: 'absent', upTo: row === undefined ? highest : maxVersion(highest, row.version) }
}

function present({ highest }: Projection, { version, expiresAt }: DocumentRow, texts: DocumentTexts): Target {
  return { kind: 'present', version, expiresAt, texts, replaces: highest > version ? highest : undefined }
}

/** Whether the target is what the KV holds. */
export function isCurrent(target: Target, row: DocumentRow | undefined): boolean {
  const live = liveRow(row, Date.now())
  if (live === undefined) return target.kind === 'absent' && (row === undefined || row.version <= target.upTo)
  return target.kind === 'present' && target.version === live.version && target.expiresAt === live.expiresAt
}

export function textsOf({ target }: Projection): readonly PointText[] {
  return target?.kind === 'present' ? target.texts.texts : []
}

/** Whether it leaves a document that is to be indexed and has no text for it. */
export function lacksText({ target }: Projection): boolean {
  if (target?.kind !== 'present') return false
  const { texts, fingerprint } = target.texts
  return texts.length === 0 && fingerprint !== NOT_INDEXED
}

/** Whether there are texts whose vectors and terms are not there yet. */
export function needsVectors(projection: Projection): boolean {
  return projection.vectors === undefined && textsOf(projection).length > 0
}

/** Whether the KV or the index has to be asked before it can be embedded. */
export function needsLoading(projection: Projection): boolean {
  if (projection.target === undefined) return true
  return needsVectors(projection) && projection.mayHavePoints && !projection.sendsAll
}

/** What is sent to the index. What a text has neither vector nor terms for is kept as it is stored. */
export function toDocumentPoints(projection: Projection): DocumentPoints {
  const { ref, highest, target, vectors, terms, isExpectedNew } = projection
  const { namespace, key } = ref
  if (target?.kind !== 'present') {
    const upTo = target === undefined ? highest : maxVersion(target.upTo, highest)
    return { namespace, key, version: upTo, values: {}, fingerprint: NOT_INDEXED, points: [] }
  }
  return {
    namespace,
    key,
    version: target.version,
    replaces: target.replaces,
    expiresAt: target.expiresAt,
    values: target.texts.values,
    fingerprint: target.texts.fingerprint,
    points: target.texts.texts.map(({ id, field, part, hash }, i) => ({
      id,
      field,
      part,
      hash,
      vector: vectors?.[i],
      terms: terms?.[i],
    })),
    expectedNew: isExpectedNew,
  }
}
