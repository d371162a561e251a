import type { StoreError } from '@tandemstore/core'
import type { Library } from './library.ts'
import type { Plan } from './plan.ts'
import { type Progress, showProgress } from './progress.ts'
import { say } from './terminal.ts'

export interface IngestResult {
  /** Sections of the plan that are searchable now. */
  readonly indexed: number
  /** Sections that will not be, and why the first of them. */
  readonly failed: number
  readonly firstError?: StoreError | undefined
  /** Sections that an earlier run had stored without making them searchable, and that are now. */
  readonly recovered: number
  readonly elapsedMs: number
}

/**
 * Brings the store to what the plan says. When interrupted it resolves early: what is stored by then, searchable or not, is safe,
 * and the next run goes on from there.
 */
export async function ingest(library: Library, plan: Plan, signal: AbortSignal): Promise<IngestResult> {
  const started = performance.now()
  const progress = plan.put.length > 0 ? showProgress(plan.put.length) : undefined
  const tally = keepTally(library, plan, progress)
  try {
    const { failed } = await library.putMany(plan.put, { signal })
    for (const { error } of failed) tally.fail(error)
    await library.deleteMany(plan.remove, { signal })
    // The barrier: afterwards searches see all of it. What it would complain about is in the tally already.
    await library.flush({ signal }).catch((error) => {
      if (signal.aborted || tally.result().failed === 0) throw error
    })
    await recover(library, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    tally.stop()
    progress?.stop()
  }
  return { ...tally.result(), elapsedMs: performance.now() - started }
}

/** The store does this by itself when it opens; here it is waited for, so that the answers are complete. After a kill it takes some seconds until the lease of the killed writer is over. */
async function recover(library: Library, signal: AbortSignal): Promise<void> {
  const notice = setTimeout(() => say('Going on with what an earlier run left half done …'), 1000)
  try {
    await library.recover({ signal, retryFailed: true })
  } finally {
    clearTimeout(notice)
  }
}

/** Follows what becomes of each section by the store's events. */
function keepTally(library: Library, plan: Plan, progress: Progress | undefined) {
  const waiting = new Set(plan.put.map(({ namespace, key }) => JSON.stringify([namespace, key])))
  let indexed = 0
  let failed = 0
  let recovered = 0
  let firstError: StoreError | undefined
  const fail = (error: StoreError) => {
    failed += 1
    firstError ??= error
  }
  const stops = [
    library.on('indexed', ({ namespace, key }) => {
      if (!waiting.delete(JSON.stringify([namespace, key]))) return
      indexed += 1
      progress?.update(indexed)
    }),
    library.on('indexFailed', ({ error }) => fail(error)),
    library.on('recovered', ({ projected }) => {
      recovered += projected
    }),
  ]
  return {
    fail,
    stop: () => {
      for (const stop of stops) stop()
    },
    result: () => ({ indexed, failed, firstError, recovered }),
  }
}
