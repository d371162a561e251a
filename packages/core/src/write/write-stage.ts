import { versionBelow } from '../document/version.js'
import { StoreError, toStoreError } from '../errors.js'
import type { Target } from '../indexing/projection.js'
import type { StoreContext } from '../open/context.js'
import type { Entry } from '../outbox/entry.js'
import type { ManualGroup } from '../outbox/manual-writes.js'
import type { DocumentRef, Version } from '../ports/common.js'
import type { DeleteRow, PutRow, WriteOutcome } from '../ports/kv-records.js'
import { Stage } from '../resilience/stage.js'

/** A document to be written or deleted, with the entry that owns it. */
export interface DocumentWrite {
  readonly entry: Entry
  /** Either this or `delete` is there. */
  readonly put?: PutRow | undefined
  readonly delete?: DeleteRow | undefined
  /** What its points shall become. */
  readonly target: Target | undefined
  /**
   * Who projects it when it is durable: this store now, its next flush, or, in a store without an index, others by
   * its intents.
   */
  readonly goesTo: 'index' | 'flush' | 'others'
  /** Of a putMany in mode `manual`. */
  readonly flushGroup: ManualGroup | undefined
}

/** What became of a write. */
type Verdict =
  /**
   * `existed`: whether the document was there before, where that is known. `superseded`: a newer one was there
   * already.
   */
  | { readonly kind: 'durable'; readonly existed?: boolean | undefined; readonly superseded: boolean }
  /** Surely not written. */
  | { readonly kind: 'refused'; readonly error: StoreError }
  /**
   * A deletion found nothing. An earlier attempt of it may have deleted the document, so its points go all the same.
   */
  | { readonly kind: 'gone'; readonly error: StoreError }
  /** It may have taken effect, or do so later. */
  | { readonly kind: 'unknown'; readonly error: StoreError }

/**
 * Documents in one batch. They spread over many partitions of a database, whose requests are the cheaper the more
 * documents each has.
 */
export const MAX_BATCH = 1000

/**
 * Writes made at the same time share round trips: their intents first, then the documents; or both together, where
 * the database can.
 */
export class WriteStage {
  readonly #context: StoreContext
  readonly #stage: Stage<DocumentWrite>

  constructor(context: StoreContext) {
    this.#context = context
    const { limits } = context.kvAdapter
    this.#stage = new Stage({
      concurrency: limits.maxConcurrency,
      maxWeight: Math.min(MAX_BATCH, limits.maxBatchSize),
      maxBytes: limits.maxBatchBytes,
      // An upper bound, as counting would take a pass over each value: a UTF-16 unit is no more than three bytes.
      bytes: ({ put }) => (put === undefined ? 0 : put.row.value.length * 3),
      key: ({ entry }) => entry.id,
      run: (batch) => this.#run(batch),
    })
  }

  add(write: DocumentWrite): void {
    this.#stage.add(write)
  }

  /** Takes back a write that has not begun, as ABORTED. */
  withdraw(write: DocumentWrite): boolean {
    if (!this.#stage.withdraw(write)) return false
    const { entry } = write
    this.#reject(entry, new StoreError('ABORTED', 'The write was aborted before it began', { ...entry.ref }))
    return true
  }

  async #run(batch: readonly DocumentWrite[]): Promise<void> {
    const { kv, kvAdapter, outbox, settlement } = this.#context
    const { intentsWithWrites } = kvAdapter.capabilities
    try {
      await this.#context.spaces.beforeWrite()
      if (!intentsWithWrites) await kv.addIntents(batch.flatMap(({ entry }) => entry.intents))
    } catch (error) {
      // An intent without its document does no harm; the documents have not been written.
      outbox.requestRecovery()
      for (const { entry } of batch)
        this.#reject(entry, toStoreError(error, 'KV_FAILED', 'Writing the intent failed', { ...entry.ref }))
      return
    }
    const puts = batch.filter(({ put }) => put !== undefined)
    const deletes = batch.filter(({ put }) => put === undefined)
    const withIntents = <Row extends PutRow | DeleteRow>(row: Row, { intents }: Entry): Row =>
      intentsWithWrites ? { ...row, intents } : row
    // Each is concluded as it answers: a put need not wait for the deletions beside it.
    const refused = await Promise.all([
      outcomesOf(puts, () => kv.put(puts.map(({ put, entry }) => withIntents(put as PutRow, entry)))).then((outcomes) =>
        this.#conclude(puts, outcomes),
      ),
      outcomesOf(deletes, () =>
        kv.delete(deletes.map(({ delete: row, entry }) => withIntents(row as DeleteRow, entry))),
      ).then((outcomes) => this.#conclude(deletes, outcomes)),
    ])
    await settlement.refused(refused.flat())
  }

  /** Tells what became of writes, and hands those that are durable on. Returns the entries that were refused. */
  #conclude(writes: readonly DocumentWrite[], outcomes: readonly WriteOutcome[]): Entry[] {
    const { index, counters, outbox } = this.#context
    const toProject: { entry: Entry; target: Target | undefined; mayHavePoints: boolean }[] = []
    const refused: Entry[] = []
    writes.forEach((write, i) => {
      const { entry, target } = write
      const { waiter, version } = entry
      const verdict = this.#verdictOf(write, outcomes[i] as WriteOutcome)
      if (verdict.kind === 'durable') {
        counters[write.put === undefined ? 'deleted' : 'put'] += 1
        if (write.goesTo === 'index') {
          const { existed, superseded } = verdict
          toProject.push({ entry, target: superseded ? undefined : target, mayHavePoints: existed !== false })
        }
        this.#removeElsewhere(write, verdict.existed)
        waiter.written?.(undefined, verdict.superseded, verdict.existed)
        if (write.goesTo !== 'index') this.#leaveToOthers(write)
        return
      }
      const { error } = verdict
      if (verdict.kind === 'gone' && write.goesTo === 'index') {
        toProject.push({ entry, target, mayHavePoints: true })
        this.#removeElsewhere(write, undefined)
        waiter.written?.(error)
        return
      }
      if (verdict.kind === 'refused') {
        waiter.written?.(error)
        waiter.settled(error)
        refused.push(entry)
        return
      }
      // The intent stays, and the index follows what the KV shows: in mode manual with the next flush.
      if (write.goesTo === 'flush') this.#leaveToFlush(entry, undefined)
      if (verdict.kind === 'unknown') outbox.noteUnknown(version)
      else outbox.requestRecovery()
      this.#reject(entry, error)
    })
    if (toProject.length > 0) index?.indexer.project(toProject)
    return refused
  }

  #verdictOf(write: DocumentWrite, outcome: WriteOutcome): Verdict {
    const { counters } = this.#context
    const { ref, version } = write.entry
    if (outcome.status === 'written') return { kind: 'durable', existed: outcome.existed, superseded: false }
    if (outcome.status === 'failed') {
      counters.failed += 1
      const error = toStoreError(outcome.error, 'KV_FAILED', 'Writing the document failed', { ...ref })
      return { kind: outcome.notWritten ? 'refused' : 'unknown', error }
    }
    // A conditional write that was repeated after an answer was lost meets itself.
    if (outcome.version === version) return { kind: 'durable', superseded: false }
    if (outcome.version !== undefined) this.#witness(outcome.version)
    if (outcome.status === 'superseded') {
      if (!isConditional(write)) return { kind: 'durable', superseded: true }
      counters.conflicts += 1
      return { kind: 'refused', error: overtaken(ref, outcome.version) }
    }
    counters.conflicts += 1
    const isGone = write.put === undefined && outcome.version === undefined
    return { kind: isGone ? 'gone' : 'refused', error: conflict(ref, outcome.version) }
  }

  #witness(version: Version): void {
    const { clock, events } = this.#context
    try {
      clock.witness(version)
    } catch (error) {
      const skew = toStoreError(error, 'CONFIGURATION', 'Clock skew')
      events.emit('backgroundError', { during: 'reading a version', error: skew })
    }
  }

  /** Points of other models' spaces need no embedder to be removed, and no flush. */
  #removeElsewhere({ entry, put, goesTo }: DocumentWrite, existed: boolean | undefined): void {
    const { index, outbox } = this.#context
    if (index === undefined || entry.spaces.length < 2) return
    if (goesTo === 'index') {
      if (put !== undefined && existed === false) index.others.skip(entry)
      // Points of the version itself can only be right: a store of that model has made them.
      else index.others.remove(entry, put === undefined ? entry.version : versionBelow(entry.version))
      return
    }
    // The entry ends here and leaves its intent to the next flush; those for other spaces are gone by then.
    const { ref, id, version, searched } = entry
    const spaces = entry.spaces.filter((space) => space !== searched)
    const removal = outbox.accept({ ref, id, version, intents: [], spaces, origin: 'repair', isConfirmed: true })
    index.others.remove(removal, put === undefined ? version : versionBelow(version), entry.intents)
  }

  /** The way of a durable write ends here: its intents make a flush or others project it. */
  #leaveToOthers({ entry, goesTo, flushGroup }: DocumentWrite): void {
    const { outbox } = this.#context
    if (goesTo === 'others') entry.waiter.settled()
    else this.#leaveToFlush(entry, flushGroup ?? ((error) => entry.waiter.settled(error)))
    outbox.close(entry)
  }

  /** The next flush projects it. `toldBy`: the group of its call, or who is told. */
  #leaveToFlush({ version }: Entry, toldBy: ManualGroup | ((error?: StoreError) => void) | undefined): void {
    const { manual } = this.#context.outbox
    if (toldBy !== undefined && typeof toldBy !== 'function') {
      manual.written(toldBy, version)
      return
    }
    const group = manual.begin()
    manual.written(group, version)
    manual.end(group, toldBy ?? (() => {}))
  }

  /** A write has failed, and recovery may look at its intents. */
  #reject(entry: Entry, error: StoreError): void {
    entry.waiter.written?.(error)
    entry.waiter.settled(error)
    this.#context.outbox.close(entry)
  }
}

async function outcomesOf(
  writes: readonly DocumentWrite[],
  call: () => Promise<WriteOutcome[]>,
): Promise<WriteOutcome[]> {
  if (writes.length === 0) return []
  try {
    return await call()
  } catch (error) {
    return writes.map(() => ({ status: 'failed', error }))
  }
}

function conflict(ref: DocumentRef, version: Version | undefined): StoreError {
  const found = version === undefined ? 'there is no such document' : `the document has version ${version}`
  return new StoreError('CONFLICT', `The condition does not hold: ${found}`, { ...ref })
}

function isConditional({ put, delete: deletion }: DocumentWrite): boolean {
  return (put ?? deletion)?.condition !== undefined
}

/**
 * A conditional write is not last-write-wins: one that a newer write or deletion came before changed nothing, and
 * must not say it did.
 */
function overtaken(ref: DocumentRef, version: Version): StoreError {
  const message = `A newer write or deletion (version ${version}) came in between; repeating this one has its condition decided anew`
  return new StoreError('CONFLICT', message, { ...ref, retryable: true })
}
