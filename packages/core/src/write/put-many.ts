import { checkBoolean, checkOneOf, checkOptions } from '../api/arguments.js'
import type {
  DeleteManyOptions,
  DeleteManyResult,
  PutManyDocument,
  PutManyOptions,
  PutManyResult,
} from '../api/documents.js'
import { toRef } from '../document/namespace.js'
import { invalid, toStoreError } from '../errors.js'
import type { StoreContext } from '../open/context.js'
import type { DocumentRef, MaybePromise } from '../ports/common.js'
import { type Draft, draftOfDocument } from './draft.js'
import { checkIterable } from './feed.js'
import { WriteGroup } from './write-group.js'
import { syncModes, type Writer } from './writer.js'

/**
 * Stores many documents. What is read ahead is bounded by the room for pending writes; a bad document stops no other.
 */
export async function putMany(
  context: StoreContext,
  writer: Writer,
  documents: Iterable<PutManyDocument<object>> | AsyncIterable<PutManyDocument<object>>,
  options: PutManyOptions = {},
): Promise<PutManyResult> {
  checkOptions(options, ['onProgress', 'receipts', 'sync', 'signal'])
  checkOneOf(options.sync, 'options.sync', syncModes)
  checkBoolean(options.receipts, 'options.receipts')
  const { sync = context.sync, signal, onProgress, receipts } = options
  if (onProgress !== undefined && typeof onProgress !== 'function') throw invalid('options.onProgress', 'a function')
  checkIterable(documents, 'documents')
  const group = new WriteGroup(context, { sync, onProgress, signal, receipts })

  const refuse = (document: PutManyDocument<object>, error: unknown): void => {
    const { namespace, key } = (document ?? {}) as DocumentRef
    group.refused({ namespace, key }, toStoreError(error, 'INVALID_ARGUMENT', 'The document could not be checked'))
  }
  const write = (draft: Draft): MaybePromise<void> =>
    group.start(draft.ref, (waiter) => writer.write(draft, waiter, signal))
  let position = 0
  await group.feed(documents, (document) => {
    try {
      const checked = draftOfDocument(context, document, position++, sync)
      return checked instanceof Promise ? checked.then(write, (error) => refuse(document, error)) : write(checked)
    } catch (error) {
      refuse(document, error)
    }
  })
  const { written, failed, indexed } = group
  return { written, failed, indexed, ...(receipts ? { receipts: group.receipts } : {}) }
}

/** Deletes many documents, likewise. */
export async function deleteMany(
  context: StoreContext,
  writer: Writer,
  refs: readonly DocumentRef[],
  options: DeleteManyOptions = {},
): Promise<DeleteManyResult> {
  checkOptions(options, ['sync', 'signal'])
  checkOneOf(options.sync, 'options.sync', syncModes)
  if (!Array.isArray(refs)) throw invalid('refs', 'an array of namespace and key')
  // All are checked before the first is deleted.
  const checked = refs.map((ref, i) => toRef(ref?.namespace, ref?.key, `refs[${i}].`))
  const { sync = context.sync, signal } = options
  const group = new WriteGroup(context, { sync, signal })
  await group.feed(checked, (ref) => group.start(ref, (waiter) => writer.deleteRef(ref, waiter, sync, { signal })))
  const { written: deleted, existed, failed, indexed } = group
  return { deleted, failed, indexed, ...(existed === undefined ? {} : { existed }) }
}
