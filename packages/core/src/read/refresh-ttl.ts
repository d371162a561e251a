import { toRef } from '../document/namespace.js'
import { toStoreError } from '../errors.js'
import type { StoreContext } from '../open/context.js'
import type { Entry } from '../outbox/entry.js'
import { documentIntents } from '../outbox/intents.js'
import type { DocumentRef, Version } from '../ports/common.js'
import type { DocumentRow } from '../ports/kv-records.js'

/** The share of its time to live after which a document that is read gets it anew. */
const REFRESH_AFTER = 0.1

interface Due {
  /** Which of the rows. */
  readonly i: number
  readonly ref: DocumentRef
  readonly version: Version
  readonly expiresAt: number
  /** Owns the intents of the refresh. */
  readonly entry: Entry
}

/**
 * Starts the time to live of documents again, at their own version: intent, row, points. Changes `rows` to what they
 * are now. The intent has a version of its own, because two processes may refresh one document, and the document's
 * version in the database does not say that the new expiry has arrived.
 */
export async function refreshTtl(context: StoreContext, rows: (DocumentRow | undefined)[], now: number): Promise<void> {
  const { kv, index, events, outbox } = context
  const due = rows.flatMap((row, i) => dueOf(context, row, i, now))
  if (due.length === 0) return
  try {
    await kv.addIntents(due.flatMap(({ entry }) => entry.intents))
    const touched = await kv.touch(due.map(({ ref, version, expiresAt }) => ({ ...ref, version, expiresAt })))
    touched.forEach((row, n) => {
      const at = due[n]?.i
      if (row !== undefined && at !== undefined) rows[at] = row
    })
  } catch (error) {
    for (const { entry } of due) {
      outbox.noteUnknown(entry.version)
      outbox.close(entry)
    }
    // The documents have been read; that they live no longer than before is worth a word, not a failed read.
    events.emit('backgroundError', {
      during: 'refreshing a time to live',
      error: toStoreError(error, 'KV_FAILED', 'Refreshing failed'),
    })
    return
  }
  // What waits for a flush is not embedded before: the refresh waits for it too.
  const { manual } = outbox
  const waiting = due.filter(({ version }) => index === undefined || manual.waitsFor(version))
  for (const { entry } of waiting) {
    if (index !== undefined) {
      const group = manual.begin()
      manual.written(group, entry.version)
      manual.end(group, () => {})
    }
    outbox.close(entry)
  }
  index?.indexer.project(
    due.filter((each) => !waiting.includes(each)).map(({ entry }) => ({ entry, mayHavePoints: true })),
  )
}

function dueOf(context: StoreContext, row: DocumentRow | undefined, i: number, now: number): Due[] {
  if (row?.expiresAt === undefined || row.ttlMs === undefined) return []
  const { clock, index, outbox } = context
  const { ttlMs, version } = row
  if (now - (row.expiresAt - ttlMs) <= ttlMs * REFRESH_AFTER) return []
  const ref = toRef(row.namespace, row.key)
  // Without an index nobody here removes it: with the document's own version whoever finds it sees that it is done.
  const intentVersion = index === undefined ? version : clock.above(version)
  const { spaces, searched } = context.spaces.follow('refresh')
  const intents = documentIntents(ref, intentVersion, spaces)
  const init = { ref, version: intentVersion, intents, spaces, searched, isConfirmed: true } as const
  const entry = outbox.accept({ ...init, origin: 'repair' })
  return [{ i, ref, version, expiresAt: now + ttlMs, entry }]
}
