import { checkBoolean, checkOptions } from '../api/arguments.js'
import type { VerifyOptions, VerifyResult } from '../api/maintenance.js'
import { checkPrefix } from '../document/namespace.js'
import { invalid } from '../errors.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import type { Namespace } from '../ports/common.js'
import { raceAbort, sleepWhileOpen } from '../resilience/abort.js'
import { Comparison } from './comparison.js'

/**
 * Compares every document with its points. A pass over the documents finds points that are missing or stale. A pass
 * over the points shows whether there are others, and only then a second one looks which. The last pass goes over the
 * spaces of other models, for points of documents that are gone.
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
  return raceAbort(compareAll(context, index, { ...options, prefix: [...prefix] }), signal)
}

async function compareAll(
  context: StoreContext,
  index: IndexContext,
  options: VerifyOptions & { readonly prefix: Namespace },
): Promise<VerifyResult> {
  const { prefix, repair = false, signal } = options
  const comparison = new Comparison(context, index, options)
  const fills = repair && prefix.length === 0 && !index.record.complete
  const waitMs = fills ? await untilKnownToAll(context, index) : 0
  await comparison.compareDocuments()
  await comparison.comparePoints()
  if (fills && waitMs > 0) {
    // What a writer that did not know the space has written meanwhile is found by comparing once more.
    await sleepWhileOpen(waitMs, context.signal, signal)
    await comparison.compareDocuments()
  }
  if (fills && comparison.isMended) {
    index.record = { ...index.record, complete: true }
    await context.kv.putSpace(index.record)
  }
  await comparison.compareOtherSpaces()
  return comparison.result
}

/**
 * How long until every writer that lives knows of the space, milliseconds. Each looks for spaces whenever it renews its
 * lease, so a space older than a lease is known to all.
 */
async function untilKnownToAll({ kv, leaseMs }: StoreContext, { record }: IndexContext): Promise<number> {
  const { now } = await kv.clock()
  return Math.max(0, Math.ceil(record.createdAt + leaseMs - now))
}
