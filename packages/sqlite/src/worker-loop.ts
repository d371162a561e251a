import { setImmediate } from 'node:timers/promises'
import { MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { createDatabase, type Database } from './database.js'
import { isBusy, toWireError } from './errors.js'
import { createJobQueue, isWrite, type Job } from './job-queue.js'
import { operations } from './operations.js'
import type { FromWorker, ToWorker } from './protocol.js'
import type { WorkerOptions } from './worker-options.js'

/** After so long, no other write joins a transaction: reads and aborts have their turn. */
const MAX_SHARING_MS = 20

/** Thrown in a transaction to roll it back: one of its writes was aborted before the commit. */
class AbortedBeforeCommit extends Error {}

/** The types of name and args were checked together where the request was made. */
type Run = (db: Database, args: unknown) => unknown

/**
 * Does what the other end of the port asks for, one job at a time. Writes keep their order; a read may come after
 * writes that were requested later.
 */
export function startWorkerLoop(port: MessagePort, options: WorkerOptions, database = createDatabase(options)): void {
  const queue = createJobQueue()
  /** Jobs of the transaction that is open. */
  const active = new Map<number, Job>()
  const aborted = new Set<number>()
  let running = false
  let timer: NodeJS.Timeout | undefined

  const receive = (message: ToWorker): void => {
    if (message.type === 'request') queue.add(message)
    else if (!queue.remove(message.id) && active.has(message.id)) aborted.add(message.id)
  }
  /** Receives what has arrived in the middle of a turn of the event loop. */
  const receiveAll = (): void => {
    // The port of a thread of Deno is none: there, messages arrive between two turns only.
    if (!(port instanceof MessagePort)) return
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      receive(next.message)
    }
  }
  port.on('message', (message: ToWorker) => {
    receive(message)
    if (!running) void work()
  })

  /**
   * The last look before a commit. Whoever aborted while another connection held the lock sent the abort before this
   * transaction could begin, so it has arrived: that write is not made.
   */
  const checkAborts = (): void => {
    receiveAll()
    if (aborted.size > 0) throw new AbortedBeforeCommit()
  }

  const runOne = (job: Job): FromWorker | 'busy' | undefined => {
    const { mode, run } = operations[job.name]
    active.set(job.id, job)
    try {
      const result = database.transaction(mode, () => {
        const result = (run as Run)(database, job.args)
        if (mode === 'write') checkAborts()
        return result
      })
      return { id: job.id, result }
    } catch (error) {
      if (error instanceof AbortedBeforeCommit) return undefined
      if (isBusy(error)) return 'busy'
      return { id: job.id, error: toWireError(error, job.name === 'connect' ? options.path : undefined) }
    } finally {
      active.clear()
      aborted.clear()
    }
  }

  /**
   * Makes a write and those that wait behind it in one transaction, which costs much less than one for each: they
   * mostly change the same pages. Nothing is answered before the commit. If any of it fails, nothing has been done,
   * and each is to be done alone.
   */
  const runShared = (first: Job): FromWorker[] | undefined => {
    const until = performance.now() + MAX_SHARING_MS
    try {
      return database.transaction('write', () => {
        const answers: FromWorker[] = []
        for (let job: Job | undefined = first; job !== undefined; ) {
          active.set(job.id, job)
          answers.push({ id: job.id, result: (operations[job.name].run as Run)(database, job.args) })
          receiveAll()
          job = performance.now() < until ? queue.takeWrite() : undefined
        }
        checkAborts()
        return answers
      })
    } catch (error) {
      // Nothing was wrong with the others if one was aborted. Otherwise, whose error it is shows when each runs alone.
      const harmless = error instanceof AbortedBeforeCommit
      active.set(first.id, first)
      for (const job of active.values()) {
        if (!harmless) job.isolated = true
        if (!aborted.has(job.id)) queue.putBack(job)
      }
      return undefined
    } finally {
      active.clear()
      aborted.clear()
    }
  }

  /** Does a little of what nobody waits for. Says whether there was anything to do. */
  const stepInBackground = (): boolean => {
    const { copies } = database
    if (!copies.busy) return false
    try {
      database.transaction('read', () => copies.step(database))
      return true
    } catch {
      // Searches go by SQL then, and say what is wrong if it concerns them.
      copies.clear()
      return false
    }
  }

  const work = async (): Promise<void> => {
    running = true
    clearTimeout(timer)
    for (;;) {
      // A turn of the event loop before each job, in which messages arrive.
      await setImmediate()
      const stepped = stepInBackground()
      const job = queue.takeNext()
      if (job === undefined) {
        if (stepped) continue
        break
      }
      if (isWrite(job) && !job.isolated) {
        for (const answer of runShared(job) ?? []) port.postMessage(answer)
        continue
      }
      const answer = runOne(job)
      if (answer === 'busy') {
        if (!queue.putBackBusy(job, options.busyTimeoutMs)) port.postMessage(lockedFor(job, options.busyTimeoutMs))
      } else if (answer !== undefined) port.postMessage(answer)
    }
    running = false
    if (queue.length > 0) timer = setTimeout(() => void work(), Math.max(1, queue.nextAt() - performance.now()))
  }
}

function lockedFor({ id }: Job, busyTimeoutMs: number): FromWorker {
  const message = `Another connection kept the database locked for ${busyTimeoutMs} ms`
  return { id, error: { code: 'UNAVAILABLE', message } }
}
