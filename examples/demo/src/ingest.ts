import type { Library } from './library.ts'
import type { Plan } from './plan.ts'
import { showProgress } from './progress.ts'
import type { Tally } from './tally.ts'
import { say } from './terminal.ts'

/**
 * Brings the store to what the plan says. When interrupted it resolves early: what is stored by then, searchable or not, is safe,
 * and the next run goes on from there. Returns how long it took, milliseconds.
 */
export async function ingest(library: Library, plan: Plan, tally: Tally, signal: AbortSignal): Promise<number> {
  const started = performance.now()
  const total = plan.put.length + plan.halfDone
  const progress = total > 0 ? showProgress(total) : undefined
  tally.onProgress = (done) => progress?.update(Math.min(done, total))
  try {
    const { failed } = await library.putMany(plan.put, { signal })
    for (const { error } of failed) tally.fail(error)
    await library.deleteMany(plan.remove, { signal })
    // The barrier: afterwards searches see all of it. What it would complain about is in the tally already.
    await library.flush({ signal }).catch((error) => {
      if (signal.aborted || tally.failed === 0) throw error
    })
    await recover(library, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    tally.onProgress = undefined
    progress?.stop()
  }
  return performance.now() - started
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
