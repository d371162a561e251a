import { checkOptions } from '../api/arguments.js'
import type { Receipt, SignalOptions } from '../api/documents.js'
import { checkNamespace } from '../document/namespace.js'
import { toStoreError } from '../errors.js'
import type { StoreContext } from '../open/context.js'
import type { Namespace } from '../ports/common.js'
import { checkAborted, orAborted } from '../resilience/abort.js'

/** Deletes all that was written under a prefix: one intent, the documents, their points; all bounded by one version. */
export async function deleteNamespace(
  context: StoreContext,
  prefix: Namespace,
  options: SignalOptions = {},
): Promise<Receipt> {
  checkOptions(options, ['signal'])
  checkNamespace(prefix, 'prefix')
  checkAborted(options.signal)
  const { kv, clock, pending, index, active, counters } = context
  const namespace = [...prefix]
  const version = clock.next()
  const intents = context
    .spacesToFollow()
    .map((space) => ({ kind: 'prefix' as const, namespace, key: '', version, space }))
  const deletion = {
    sequence: pending.nextSequence(),
    ref: { namespace, key: '' },
    prefix: namespace,
    version,
    intents,
  }
  pending.open(deletion, false)
  active.add(version)

  const deleteDocuments = async (): Promise<void> => {
    try {
      await context.beforeWrite()
      await kv.addIntents(intents)
      await kv.deletePrefix(namespace, version)
      counters.deleted += 1
    } catch (error) {
      pending.close(deletion)
      // Part of it may be gone: the intent makes recovery finish the deletion.
      index?.recovery.noteUnsettled()
      throw toStoreError(error, 'KV_FAILED', 'Deleting the namespace failed', { namespace })
    }
  }
  const deletePoints = async (): Promise<void> => {
    if (index === undefined) pending.close(deletion)
    else await index.prefixes.project(deletion)
  }
  const written = deleteDocuments()
  const indexed = written.then(deletePoints).finally(() => active.delete(version))
  // Ignoring the receipt never ends the process.
  indexed.catch(() => {})
  await orAborted(written, options.signal)
  if (context.sync === 'wait') await orAborted(indexed, options.signal)
  return { version, indexed }
}
