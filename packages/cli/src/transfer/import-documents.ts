import type { Failure, Store } from '@tandemstore/core'
import { faultOf, refId, StoreError } from '@tandemstore/core/adapter'
import { formatNamespace } from '../namespace-path.js'
import { type Batch, inBatches } from './batches.js'
import type { ImportState } from './checkpoint.js'
import type { FileVectors } from './file-vectors.js'
import type { Incoming, Input, Unreadable } from './incoming.js'

export interface ImportOptions {
  readonly store: Store
  readonly input: Input
  /** Where to begin. */
  readonly from: ImportState
  readonly vectors: FileVectors | undefined
  /** Whether a document that is there stays as it is. */
  readonly skipExisting: boolean
  /** Called when a stretch of the input is done: written, and searchable. */
  onDone(state: ImportState): Promise<void>
  /** A document that is not going to be written, and why. */
  onFailure(failure: Unreadable): void
  readonly signal: AbortSignal
}

/** Batches on their way at the same time: one is read and embedded while another is written. */
const IN_FLIGHT = 2

/**
 * Writes what an input holds. What is a document's own fault is told and passed over; anything else ends the import,
 * which can be resumed from the last state.
 */
export async function importDocuments(options: ImportOptions): Promise<ImportState> {
  const { input, from, onDone, store } = options
  const stopping = new AbortController()
  const signal = AbortSignal.any([options.signal, stopping.signal])
  const stop = (error: unknown): void => stopping.abort(error)
  // It waits for somebody to mend the set-up, for as long as that takes.
  const endListening = store.on('indexBlocked', ({ error }) => stop(error))
  const queue: { readonly batch: Batch; readonly names: ReadonlySet<string>; readonly sent: Promise<Sent> }[] = []
  let state = from
  const settleFirst = async (): Promise<void> => {
    const first = queue.shift()
    if (first === undefined) return
    const sent = await first.sent
    state = {
      position: first.batch.last,
      written: state.written + sent.written,
      skipped: state.skipped + sent.skipped,
      failed: state.failed + sent.failed,
    }
    await onDone(state)
  }
  try {
    for await (const batch of inBatches(input.read(from.position))) {
      const names = new Set(batch.documents.map(({ document }) => nameOf(document)))
      // Of two lines of one document the later has to be written last.
      while (queue.some((before) => [...before.names].some((name) => names.has(name)))) await settleFirst()
      signal.throwIfAborted()
      const sent = send(batch, options, signal)
      // Whoever comes first is told below.
      sent.catch(stop)
      queue.push({ batch, names, sent })
      if (queue.length >= IN_FLIGHT) await settleFirst()
    }
    while (queue.length > 0) await settleFirst()
    return state
  } catch (error) {
    stop(error)
    await Promise.allSettled(queue.map(({ sent }) => sent))
    throw options.signal.aborted ? options.signal.reason : (stopping.signal.reason ?? error)
  } finally {
    endListening()
  }
}

type Sent = Pick<ImportState, 'written' | 'skipped' | 'failed'>

async function send(batch: Batch, options: ImportOptions, signal: AbortSignal): Promise<Sent> {
  const { store, vectors, skipExisting, onFailure } = options
  const now = Date.now()
  const living = batch.documents.filter(({ document }) => !((document.expiresAt?.getTime() ?? now + 1) <= now))
  const release = vectors?.add(living.flatMap((each) => each.vectors ?? []))
  try {
    const documents = living.map(({ document }) => (skipExisting ? { ...document, ifAbsent: true } : document))
    const { written, failed } = await store.putMany(documents, { sync: 'wait', signal })
    const isSkipped = ({ error }: Failure) => skipExisting && error.code === 'CONFLICT'
    const faults = failed.filter((failure) => !isSkipped(failure))
    const fatal = faults.find(({ error }) => faultOf(error) !== 'document')
    if (fatal !== undefined) throw fatal.error
    const failures = [...batch.unreadable, ...toUnreadable(faults, living)].sort((a, b) => a.position - b.position)
    for (const failure of failures) onFailure(failure)
    // What was written and cannot be indexed is among the failed, too.
    const unindexed = written + failed.length - documents.length
    const expired = batch.documents.length - living.length
    return {
      written: written - unindexed,
      skipped: failed.length - faults.length + expired,
      failed: faults.length + batch.unreadable.length,
    }
  } finally {
    release?.()
  }
}

/** Failures with their place in the input. */
function toUnreadable(failures: readonly Failure[], documents: readonly Incoming[]): Unreadable[] {
  if (failures.length === 0) return []
  const positions = new Map<string, number>()
  for (const { position, document } of documents) positions.set(nameOf(document), position)
  return failures.map(({ error, ...ref }) => ({
    position: positions.get(nameOf(ref)) ?? 0,
    // Its place in the call says nothing here.
    reason: `${describe(ref)}${error.code}: ${error.message.replace(/^documents\[\d+\]\./, '')}`,
  }))
}

/** References come as they are in the input, so that they may be anything. */
function nameOf({ namespace, key }: { readonly namespace: unknown; readonly key: unknown }): string {
  return Array.isArray(namespace) && namespace.every((label) => typeof label === 'string')
    ? refId({ namespace, key: String(key) })
    : JSON.stringify([namespace, key])
}

function describe({ namespace, key }: { readonly namespace: unknown; readonly key: unknown }): string {
  const isRef =
    Array.isArray(namespace) && namespace.length > 0 && namespace.every((label) => typeof label === 'string')
  return isRef && typeof key === 'string' ? `${formatNamespace(namespace)} ${key}: ` : ''
}

/** What the end of an import finds. */
export interface PresenceCheck {
  /** Documents of the input, each name once for each time that it comes. */
  readonly read: number
  /** Of these, how many are not in the store. */
  readonly absent: number
}

/** Reads an input once more, and looks whether each of its documents is in the store. */
export async function checkPresence(store: Store, input: Input, signal: AbortSignal): Promise<PresenceCheck> {
  let [read, absent] = [0, 0]
  for await (const { documents } of inBatches(input.read(0))) {
    const now = Date.now()
    read += documents.length
    const expected = documents.filter(({ document }) => (document.expiresAt?.getTime() ?? now + 60_000) > now)
    const found = await presentOf(store, expected, signal)
    absent += expected.length - found
  }
  return { read, absent }
}

async function presentOf(store: Store, documents: readonly Incoming[], signal: AbortSignal): Promise<number> {
  const refs = documents.map(({ document: { namespace, key } }) => ({ namespace, key }))
  try {
    const found = await store.getMany(refs, { signal })
    return found.filter((document) => document !== undefined).length
  } catch (error) {
    // A reference that is none: told when it was written, and it names no document.
    if (!StoreError.isInstance(error) || error.code !== 'INVALID_ARGUMENT' || documents.length === 0) throw error
    if (documents.length === 1) return 0
    const half = documents.length >> 1
    const halves = [documents.slice(0, half), documents.slice(half)]
    const counts = await Promise.all(halves.map((some) => presentOf(store, some, signal)))
    return counts.reduce((sum, each) => sum + each, 0)
  }
}
