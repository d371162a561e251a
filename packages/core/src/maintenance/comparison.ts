import type { VerifyOptions, VerifyResult } from '../api/maintenance.js'
import { refId } from '../document/namespace.js'
import { liveRow } from '../document/row.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import type { DocumentRef, Namespace } from '../ports/common.js'
import type { DocumentRow } from '../ports/kv-records.js'
import { rowPages } from '../read/row-pages.js'
import { checkAborted } from '../resilience/abort.js'
import { type Findings, findStray, findUnmatched, type Suspect, unexpired } from './faults.js'
import { deleteOrphans, orphansElsewhere } from './orphans-elsewhere.js'
import { PendingIntents } from './pending-intents.js'
import { type PointsOfDocument, pointPages, readPointsAgain } from './point-pages.js'
import { PointTally } from './point-tally.js'
import { Repairs } from './repair.js'

/**
 * Compares documents with their points, counts what does not agree, and repairs it if it is told to. Before something
 * counts it is read again; what an operation or an intent is about to mend is counted apart.
 */
export class Comparison {
  readonly #context: StoreContext
  readonly #index: IndexContext
  readonly #options: VerifyOptions & { readonly prefix: Namespace }
  readonly #intents: PendingIntents
  readonly #repairs: Repairs
  readonly #counts = { checked: 0, missing: 0, stale: 0 }
  // By refId: a document counts once, though its points may lie on several pages.
  readonly #orphaned = new Set<string>()
  readonly #orphanedElsewhere = new Set<string>()
  readonly #pending = new Set<string>()
  readonly #damaged = new Set<string>()
  /** Points that documents should have, and have. Those that are there are taken away again: what is left differs. */
  readonly #tally = new PointTally()
  #repairedElsewhere = 0

  constructor(context: StoreContext, index: IndexContext, options: VerifyOptions & { readonly prefix: Namespace }) {
    this.#context = context
    this.#index = index
    this.#options = options
    this.#intents = new PendingIntents(context.kv, index.record.name)
    this.#repairs = new Repairs(context, index)
  }

  /** What has been found so far. */
  get result(): VerifyResult {
    const { checked, missing, stale } = this.#counts
    return {
      checked,
      missing,
      stale,
      orphaned: this.#orphaned.size,
      repaired: this.#repairs.repaired + this.#repairedElsewhere,
      ...(this.#pending.size === 0 ? {} : { pending: this.#pending.size }),
      ...(this.#damaged.size === 0 ? {} : { damaged: this.#damaged.size }),
      ...(this.#orphanedElsewhere.size === 0 ? {} : { orphanedElsewhere: this.#orphanedElsewhere.size }),
    }
  }

  /** Whether all that was found in the store's own space is repaired. */
  get isMended(): boolean {
    const { missing, stale } = this.#counts
    return this.#repairs.repaired === missing + stale + this.#orphaned.size
  }

  /** Looks for documents whose points are missing or stale. */
  async compareDocuments(): Promise<void> {
    const { prefix, signal } = this.#options
    let checked = 0
    for await (const rows of rowPages(this.#context.kv, prefix, signal)) {
      checkAborted(signal)
      const now = Date.now()
      const live = rows.filter((row) => liveRow(row, now) !== undefined)
      await this.#judge(await findUnmatched(this.#index, live, signal, this.#tally), async (refs) =>
        findUnmatched(this.#index, await this.#read(refs), signal),
      )
      checked += live.length
      this.#counts.checked = Math.max(this.#counts.checked, checked)
      this.#tell()
    }
    // What is being repaired would count as pending.
    await this.#repairs.finish()
  }

  /**
   * Looks for points that should not be there: whether there are any, and only then which. After `compareDocuments`.
   */
  async comparePoints(): Promise<void> {
    const { prefix, signal } = this.#options
    const { space } = this.#index
    for await (const documents of pointPages(space, prefix, signal)) {
      checkAborted(signal)
      const now = Date.now()
      for (const { points } of documents) for (const { id } of unexpired(points, now)) this.#tally.remove(id)
      this.#tell()
    }
    if (this.#tally.allEven) return
    for await (const documents of pointPages(space, prefix, signal)) {
      checkAborted(signal)
      await this.#judgePoints(documents)
      // A document's other points may be on the next page.
      await this.#repairs.finish()
      this.#tell()
    }
  }

  /** Judges the points that the tally does not know. */
  async #judgePoints(documents: readonly PointsOfDocument[]): Promise<void> {
    const { space } = this.#index
    const { signal } = this.#options
    const suspects = documents
      .map(({ ref, points }) => ({ ref, points: points.filter(({ id }) => !this.#tally.isEven(id)) }))
      .filter(({ points }) => points.length > 0)
    const rows = await this.#read(suspects.map(({ ref }) => ref))
    await this.#judge(await findStray(this.#index, suspects, rows), async (refs) => {
      const ids = new Set(refs.map(refId))
      const some = suspects.filter(({ ref }) => ids.has(refId(ref)))
      const again = await this.#read(some.map(({ ref }) => ref))
      return findStray(this.#index, await readPointsAgain(space, some, signal), again)
    })
  }

  /** Looks for points of documents that are gone in the spaces of other models. */
  async compareOtherSpaces(): Promise<void> {
    const { prefix, repair, signal } = this.#options
    const { maxBatchSize } = this.#index.adapter.limits
    for await (const { space, orphans, pending } of orphansElsewhere(this.#context, this.#index, prefix, signal)) {
      checkAborted(signal)
      for (const ref of pending) this.#pending.add(refId(ref))
      const before = this.#orphanedElsewhere.size
      for (const { ref } of orphans) this.#orphanedElsewhere.add(refId(ref))
      if (repair === true && orphans.length > 0) {
        await deleteOrphans(space, orphans, maxBatchSize)
        this.#repairedElsewhere += this.#orphanedElsewhere.size - before
      }
      this.#tell()
    }
  }

  /** Counts suspects that are still found when they are read again, and begins to repair them. */
  async #judge(first: Findings, again: (refs: readonly DocumentRef[]) => Promise<Findings>): Promise<void> {
    this.#noteDamaged(first.damaged)
    if (first.suspects.length === 0) return
    await this.#intents.lookFor(first.suspects)
    const settled = first.suspects.map(({ ref }) => ref).filter((ref) => !this.#isPending(ref))
    if (settled.length === 0) return
    const { suspects, damaged } = await again(settled)
    this.#noteDamaged(damaged)
    for (const { fault, ref } of suspects) {
      if (fault === 'orphaned') this.#orphaned.add(refId(ref))
      else this.#counts[fault] += 1
    }
    if (this.#options.repair === true && suspects.length > 0) await this.#repairs.add(suspects.map(toRepair))
  }

  /** Whether an operation or an intent is about to mend the document. */
  #isPending(ref: DocumentRef): boolean {
    const id = refId(ref)
    if (!this.#index.indexer.isBusy(id) && !this.#intents.covers(ref)) return false
    this.#pending.add(id)
    return true
  }

  #noteDamaged(refs: readonly DocumentRef[]): void {
    for (const ref of refs) {
      const id = refId(ref)
      if (this.#damaged.has(id)) continue
      this.#damaged.add(id)
      this.#context.events.emit('damaged', ref)
    }
  }

  #read(refs: readonly DocumentRef[]): Promise<(DocumentRow | undefined)[]> {
    return this.#context.kv.get(refs, { signal: this.#options.signal })
  }

  #tell(): void {
    this.#options.onProgress?.(this.result)
  }
}

function toRepair({ ref, above, highest }: Suspect) {
  return { ref, versions: above.length === 0 ? [highest] : above }
}
