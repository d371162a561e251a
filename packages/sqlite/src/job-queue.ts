import { operations } from './operations.js'
import type { OperationName } from './protocol.js'

export interface Job {
  readonly id: number
  readonly name: OperationName
  readonly args: unknown
  /** When it first found the database busy, milliseconds of `performance.now()`. */
  busySince?: number
  /** How often it found the database busy. */
  attempts: number
  /** Not to be tried again before, milliseconds of `performance.now()`. */
  notBefore: number
  /** Whether a transaction that it shared has failed, so that it gets one of its own. */
  isolated: boolean
}

const MAX_BUSY_DELAY_MS = 25

/** The jobs that wait, in the order of their requests. */
export interface JobQueue {
  readonly length: number
  add(request: Pick<Job, 'id' | 'name' | 'args'>): void
  /** Says whether the job was still waiting. */
  remove(id: number): boolean
  /**
   * The first job that may run. Writes keep their order: one that waits for a lock holds back those behind it, while
   * reads pass.
   */
  takeNext(): Job | undefined
  /** The next write, if it can join a transaction. */
  takeWrite(): Job | undefined
  /** Puts a job back into its place. */
  putBack(job: Job): void
  /** Puts back a job that found the database locked, unless its time is up. */
  putBackBusy(job: Job, busyTimeoutMs: number): boolean
  /** When the next job may run, milliseconds of `performance.now()`. */
  nextAt(): number
}

export function isWrite(job: Job): boolean {
  return operations[job.name].mode === 'write'
}

export function createJobQueue(): JobQueue {
  const queue: Job[] = []
  const take = (at: number): Job | undefined => queue.splice(at, 1)[0]
  const isRead = (job: Job): boolean => operations[job.name].mode === 'read'
  const putBack = (job: Job): void => {
    const behind = queue.findIndex((each) => each.id > job.id)
    queue.splice(behind < 0 ? queue.length : behind, 0, job)
  }
  return {
    get length() {
      return queue.length
    },
    add({ id, name, args }) {
      queue.push({ id, name, args, attempts: 0, notBefore: 0, isolated: false })
    },
    remove(id) {
      const at = queue.findIndex((job) => job.id === id)
      return at >= 0 && take(at) !== undefined
    },
    takeNext() {
      const now = performance.now()
      let writeWaits = false
      for (const [at, job] of queue.entries()) {
        const read = isRead(job)
        if (job.notBefore <= now && (read || !writeWaits)) return take(at)
        if (!read) writeWaits = true
      }
      return undefined
    },
    takeWrite() {
      const at = queue.findIndex((job) => !isRead(job))
      const job = queue[at]
      return job === undefined || !isWrite(job) || job.isolated ? undefined : take(at)
    },
    putBack,
    putBackBusy(job, busyTimeoutMs) {
      const now = performance.now()
      job.busySince ??= now
      if (now - job.busySince >= busyTimeoutMs) return false
      job.attempts += 1
      // With jitter, so that two processes do not keep meeting.
      job.notBefore = now + Math.min(2 ** job.attempts, MAX_BUSY_DELAY_MS) * (0.5 + Math.random() / 2)
      putBack(job)
      return true
    },
    nextAt: () => Math.min(...queue.map((job) => job.notBefore)),
  }
}
