import { liveRow } from '../document/row.js'
import { maxVersion } from '../document/version.js'
import { NOT_INDEXED } from '../indexing/point-maker.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import type { DocumentRef, Namespace, Version } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { VectorSpace } from '../ports/vector-index.js'
import type { DocumentPoints } from '../ports/vector-records.js'
import { inChunks } from '../resilience/retry.js'
import { unexpired } from './faults.js'
import { PendingIntents } from './pending-intents.js'
import { type PointsOfDocument, pointPages, readPointsAgain } from './point-pages.js'

/** A document that is gone and has points left in a space of another model. */
export interface Orphan {
  readonly ref: DocumentRef
  /** The highest version of its points. */
  readonly highest: Version
}

export interface OrphansOfPage {
  readonly space: VectorSpace
  readonly orphans: readonly Orphan[]
  /** Documents that are gone, and whose points an intent is about to remove. */
  readonly pending: readonly DocumentRef[]
}

/** Looks through the spaces of other models, page by page, for points of documents that are gone. */
export async function* orphansElsewhere(
  { kv, spaces }: StoreContext,
  { others }: IndexContext,
  prefix: Namespace,
  signal: AbortSignal | undefined,
): AsyncGenerator<OrphansOfPage, void, undefined> {
  await spaces.refresh({ signal })
  for (const { name } of spaces.others) {
    const space = others.space(name)
    const intents = new PendingIntents(kv, name)
    for await (const documents of pointPages(space, prefix, signal)) {
      const gone = await withoutRow(kv, documents, signal)
      if (gone.length === 0) {
        yield { space, orphans: [], pending: [] }
        continue
      }
      await intents.lookFor(gone.map(({ points }) => ({ highest: highestOf(points), unseen: true })))
      const pending = gone.filter(({ ref }) => intents.covers(ref))
      const settled = gone.filter(({ ref }) => !intents.covers(ref))
      // The document may have been written, or its points removed, since they were read.
      const left = await readPointsAgain(space, await withoutRow(kv, settled, signal), signal)
      const orphans = left
        .filter(({ points }) => points.length > 0)
        .map(({ ref, points }) => ({ ref, highest: highestOf(points) }))
      yield { space, orphans, pending: pending.map(({ ref }) => ref) }
    }
  }
}

/**
 * Deletes the points of orphans, up to the versions that were seen: a document that is put meanwhile keeps its points.
 */
export async function deleteOrphans(
  space: VectorSpace,
  orphans: readonly Orphan[],
  maxBatchSize: number,
): Promise<void> {
  const absent = orphans.map(
    ({ ref, highest }): DocumentPoints => ({
      ...ref,
      version: highest,
      values: {},
      fingerprint: NOT_INDEXED,
      points: [],
    }),
  )
  await inChunks(absent, maxBatchSize, (some) => space.replace(some))
}

/** Those whose document is gone, with their points that have not expired. */
async function withoutRow(
  kv: KVCollection,
  documents: readonly PointsOfDocument[],
  signal: AbortSignal | undefined,
): Promise<PointsOfDocument[]> {
  const rows = await kv.get(
    documents.map(({ ref }) => ref),
    { signal },
  )
  const now = Date.now()
  return documents.flatMap(({ ref, points }, i) => {
    if (liveRow(rows[i], now) !== undefined) return []
    const left = unexpired(points, now)
    return left.length === 0 ? [] : [{ ref, points: left }]
  })
}

function highestOf(points: PointsOfDocument['points']): Version {
  return points.map(({ version }) => version).reduce(maxVersion)
}
