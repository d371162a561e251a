import { checkOneOf, checkOptions } from '../api/arguments.js'
import type { DeleteManyOptions, DeleteNamespaceReceipt } from '../api/documents.js'
import { checkNamespace } from '../document/namespace.js'
import { toStoreError } from '../errors.js'
import type { StoreContext } from '../open/context.js'
import type { Entry } from '../outbox/entry.js'
import type { Namespace } from '../ports/common.js'
import { checkAborted, raceAbort } from '../resilience/abort.js'
import { SingleWrite } from './receipt.js'
import { syncModes } from './writer.js'

/**
 * Deletes all that was written under a prefix: one intent a space, the documents, their points; all bounded by one
 * version.
 */
export async function deleteNamespace(
  context: StoreContext,
  prefix: Namespace,
  options: DeleteManyOptions = {},
): Promise<DeleteNamespaceReceipt> {
  checkOptions(options, ['sync', 'signal'])
  checkOneOf(options.sync, 'options.sync', syncModes)
  checkNamespace(prefix, 'prefix')
  const { sync = context.sync, signal } = options
  checkAborted(signal)
  const { clock, outbox, index } = context
  const namespace = [...prefix]
  const version = clock.next()
  const { spaces, searched } = context.spaces.follow('deletion')
  const intents = spaces.map((space) => ({ kind: 'prefix' as const, namespace, key: '', version, space }))
  const waiter = new SingleWrite(sync)
  const ref = { namespace, key: '' }
  const entry = outbox.accept({ ref, version, intents, spaces, searched, origin: 'write', isConfirmed: true, waiter })
  const written = deleteDocuments(context, entry).then((deleted) => {
    if (index === undefined) {
      waiter.settled()
      outbox.close(entry)
      return deleted
    }
    index.prefixes.project(entry)
    index.others.deletePrefix(entry)
    return deleted
  })
  // An abort ends the wait, not the deletion.
  written.catch(() => {})
  const deleted = await raceAbort(written, signal)
  if (waiter.searchable !== undefined) await raceAbort(waiter.searchable.promise, signal)
  const receipt = waiter.receipt(version, false, () => outbox.drain())
  return deleted === undefined ? receipt : Object.assign(receipt, { deleted })
}

async function deleteDocuments(context: StoreContext, entry: Entry): Promise<number | undefined> {
  const { kv, counters, outbox } = context
  const { namespace } = entry.ref
  try {
    await context.spaces.beforeWrite()
    await kv.addIntents(entry.intents)
    const deleted = await kv.deletePrefix(namespace, entry.version)
    counters.deleted += 1
    return deleted
  } catch (cause) {
    const error = toStoreError(cause, 'KV_FAILED', 'Deleting the namespace failed', { namespace })
    // Part of it may be gone: the intent makes recovery finish the deletion.
    outbox.requestRecovery()
    entry.waiter.settled(error)
    outbox.close(entry)
    throw error
  }
}
