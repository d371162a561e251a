import { maxVersion } from '../document/version.js'
import { type StoreError, toStoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import type { DocumentRef, Version } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { Intent } from '../ports/kv-records.js'

/** The notes that points of these spaces have to follow a write of a document. */
export function documentIntents(
  { namespace, key }: DocumentRef,
  version: Version,
  spaces: readonly string[],
): Intent[] {
  return spaces.map((space) => ({ kind: 'document', namespace, key, version, space }))
}

/** The highest version of some intents. */
export function highestVersion(intents: readonly Intent[]): Version {
  return intents.map((intent) => intent.version).reduce(maxVersion)
}

/** Removes intents that are no longer needed. Where that fails, recovery looks at them once more. */
export async function removeIntents(
  intents: readonly Intent[],
  {
    kv,
    events,
    signal,
    noteUnsettled,
  }: {
    readonly kv: Pick<KVCollection, 'removeIntents'>
    readonly events: Events
    readonly signal: AbortSignal
    /** Intents are left that recovery has to look at. */
    noteUnsettled(): void
  },
): Promise<void> {
  try {
    await kv.removeIntents(intents)
  } catch (error) {
    noteUnsettled()
    if (!signal.aborted)
      events.emit('backgroundError', {
        during: 'removing intents',
        error: toStoreError(error, 'KV_FAILED', 'Removing intents failed'),
      })
  }
}

/** Keeps on intents what no repetition mends, so that it is not tried again with every recovery. */
export async function recordFailure(
  intents: readonly Intent[],
  { code, message }: StoreError,
  { kv, events }: { readonly kv: Pick<KVCollection, 'addIntents'>; readonly events: Events },
): Promise<void> {
  const failure = { code, message: message.slice(0, 1000) }
  try {
    await kv.addIntents(intents.map((intent) => ({ ...intent, failure })))
  } catch (cause) {
    const failed = toStoreError(cause, 'KV_FAILED', 'Recording a failure failed')
    events.emit('backgroundError', { during: 'recording a failure', error: failed })
  }
}
