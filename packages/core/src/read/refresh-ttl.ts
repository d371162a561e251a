import { toRef } from '../document/namespace.js'
import { toStoreError } from '../errors.js'
import { documentIntents } from '../indexing/intents.js'
import type { StoreContext } from '../open/context.js'
import type { DocumentRef, Version } from '../ports/common.js'
import type { DocumentRow, Intent } from '../ports/kv-records.js'

/** The share of its time to live after which a document that is read gets it anew. */
const REFRESH_AFTER = 0.1

interface Due {
  /** Which of the rows. */
  readonly i: number
  readonly ref: DocumentRef
  readonly version: Version
  readonly expiresAt: number
  /** What its intents are named by. */
  readonly intentVersion: Version
  /** The same objects from first to last: an adapter may remember where it has put them. */
  readonly intents: readonly Intent[]
}

/**
 * Starts the time to live of documents anew, at their own version: intent, row, points. Changes `rows` to what they are now. The intent has a version of its own:
 * two processes may refresh one document, and that the database shows the document's version does not say that its expiry has arrived.
 */
export async function refreshTtl(context: StoreContext, rows: (DocumentRow | undefined)[], now: number): Promise<void> {
  const { kv, index, events, active } = context
  const due = rows.flatMap((row, i) => dueOf(context, row, i, now))
  if (due.length === 0) return
  const versions = due.map(({ intentVersion }) => intentVersion)
  if (index !== undefined) for (const version of versions) active.add(version)
  let projected: readonly Due[] = []
  try {
    await kv.addIntents(due.flatMap(({ intents }) => intents))
    const touched = await kv.touch(due.map(({ ref, version, expiresAt }) => ({ ...ref, version, expiresAt })))
    touched.forEach((row, n) => {
      const at = due[n]?.i
      if (row !== undefined && at !== undefined) rows[at] = row
    })
    if (index === undefined) return
    // What waits for a flush is not embedded before; its own intent is there.
    const waiting = new Set(due.filter(({ version }) => index.manual.waitsFor(version)))
    projected = due.filter((each) => !waiting.has(each))
    if (waiting.size > 0) await kv.removeIntents([...waiting].flatMap(({ intents }) => intents))
    for (const { intentVersion } of waiting) active.delete(intentVersion)
  } catch (error) {
    for (const version of versions) active.delete(version)
    index?.recovery.noteUnsettled(versions)
    // The documents have been read; that they live no longer than before is worth a word, not a failed read.
    events.emit('backgroundError', {
      during: 'refreshing a time to live',
      error: toStoreError(error, 'KV_FAILED', 'Refreshing failed'),
    })
    return
  }
  const operations = projected.map((each) =>
    index.projector.accept({
      ref: each.ref,
      version: each.intentVersion,
      intents: each.intents,
      confirmed: true,
      mayHavePoints: true,
    }),
  )
  index.projector.submit(operations)
}

function dueOf(
  { clock, index, spacesToFollow }: StoreContext,
  row: DocumentRow | undefined,
  i: number,
  now: number,
): Due[] {
  if (row?.expiresAt === undefined || row.ttlMs === undefined) return []
  const { ttlMs, version } = row
  if (now - (row.expiresAt - ttlMs) <= ttlMs * REFRESH_AFTER) return []
  const ref = toRef(row.namespace, row.key)
  // Without an index nobody here removes it: with the document's own version whoever finds it sees that it is done.
  const intentVersion = index === undefined ? version : clock.above(version)
  const intents = documentIntents(ref, intentVersion, spacesToFollow())
  return [{ i, ref, version, expiresAt: now + ttlMs, intentVersion, intents }]
}
