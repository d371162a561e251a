import { setImmediate } from 'node:timers/promises'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { createDatabase, type Database } from './database.js'
import { isBusy, toWireError } from './errors.js'
import { operations } from './operations.js'
import type { FromWorker, OperationName, ToWorker, WorkerOptions } from './protocol.js'

interface Job {
  readonly id: number
  readonly name: OperationName
  readonly args: unknown
  /** When it first found the database busy, and how often it did. Milliseconds of `performance.now()`. */
  busySince?: number
  attempts: number
  /** Not to be tried again before. Milliseconds of `performance.now()`. */
  notBefore: number
  /** Whether a transaction that it shared has failed, so that it gets one of its own. */
  alone: boolean
}

const MAX_BUSY_DELAY_MS = 25
/** After so long, no other write joins a transaction: reads and aborts have their turn. */
const MAX_SHARING_MS = 20

/** Does what the main thread asks for, one job at a time. Writes keep their order; a read may come after writes that were asked for later. */
export function startWorkerLoop(): void {
  const port = parentPort
  if (port === null) throw new Error('This is no worker thread')
  const options = workerData as WorkerOptions
  const database = createDatabase(options)
  const queue: Job[] = []
  let running = false
  let timer: NodeJS.Timeout | undefined

  const receive = (message: ToWorker): void => {
    if (message.type === 'abort') {
      const at = queue.findIndex((job) => job.id === message.id)
      if (at >= 0) queue.splice(at, 1)
      return
    }
    const { id, name, args } = message
    queue.push({ id, name, args, attempts: 0, notBefore: 0, alone: false })
  }
  /** What has arrived in the middle of a turn of the event loop. */
  const receiveAll = (): void => {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      receive(next.message)
    }
  }
  port.on('message', (message: ToWorker) => {
    receive(message)
    if (!running) void work()
  })

  const work = async (): Promise<void> => {
    running = true
    clearTimeout(timer)
    for (;;) {
      // A turn of the event loop before each job, in which aborts arrive.
      await setImmediate()
      const job = takeNext(queue)
      if (job === undefined) break
      const answers = isWrite(job) && !job.alone ? runTogether(database, job, queue, receiveAll) : undefined
      if (answers !== undefined) {
        for (const answer of answers) port.postMessage(answer)
        continue
      }
      const answer = run(database, job, options.path)
      if (answer !== 'busy') port.postMessage(answer)
      else if (!waitAgain(queue, job, options.busyTimeoutMs)) port.postMessage(lockedFor(job, options.busyTimeoutMs))
    }
    running = false
    if (queue.length === 0) return
    const next = Math.min(...queue.map((job) => job.notBefore))
    timer = setTimeout(() => void work(), Math.max(1, next - performance.now()))
  }
}

/** The first job that may run. Writes keep their order: one that waits for a lock holds back those behind it, while reads pass. */
function takeNext(queue: Job[]): Job | undefined {
  const now = performance.now()
  let writeWaits = false
  for (const [at, job] of queue.entries()) {
    const read = operations[job.name].mode === 'read'
    if (job.notBefore <= now && (read || !writeWaits)) {
      queue.splice(at, 1)
      return job
    }
    if (!read) writeWaits = true
  }
  return undefined
}

/** The next write, if it can join a transaction. */
function takeWrite(queue: Job[]): Job | undefined {
  const at = queue.findIndex((job) => operations[job.name].mode !== 'read')
  const job = queue[at]
  if (job === undefined || !isWrite(job) || job.alone) return undefined
  queue.splice(at, 1)
  return job
}

function isWrite(job: Job): boolean {
  return operations[job.name].mode === 'write'
}

/**
 * Does a write and those that wait behind it in one transaction, which costs much less than one for each: they mostly change the same
 * pages. Nothing is answered before it is committed. If any of it fails, nothing has been done, and each is to be done alone.
 */
function runTogether(database: Database, first: Job, queue: Job[], receiveAll: () => void): FromWorker[] | undefined {
  const jobs: Job[] = []
  const until = performance.now() + MAX_SHARING_MS
  try {
    return database.transaction('write', () => {
      const answers: FromWorker[] = []
      for (let job: Job | undefined = first; job !== undefined; ) {
        jobs.push(job)
        answers.push({ id: job.id, result: (operations[job.name].run as Run)(database, job.args) })
        receiveAll()
        job = performance.now() < until ? takeWrite(queue) : undefined
      }
      return answers
    })
  } catch {
    // Whose error it is shows when they are alone.
    first.alone = true
    for (const job of jobs.slice(1)) {
      job.alone = true
      putBack(queue, job)
    }
    return undefined
  }
}

function run(database: Database, job: Job, path: string): FromWorker | 'busy' {
  const { mode, run } = operations[job.name]
  try {
    const result = database.transaction(mode, () => (run as Run)(database, job.args))
    return { id: job.id, result }
  } catch (error) {
    return isBusy(error) ? 'busy' : { id: job.id, error: toWireError(error, job.name === 'connect' ? path : undefined) }
  }
}

/** The types of name and args were checked together where the request was made. */
type Run = (db: Database, args: unknown) => unknown

/** Puts a job that found the database locked back into its place, unless its time is up. */
function waitAgain(queue: Job[], job: Job, busyTimeoutMs: number): boolean {
  const now = performance.now()
  job.busySince ??= now
  if (now - job.busySince >= busyTimeoutMs) return false
  job.attempts += 1
  // With jitter, so that two processes do not keep meeting.
  job.notBefore = now + Math.min(2 ** job.attempts, MAX_BUSY_DELAY_MS) * (0.5 + Math.random() / 2)
  putBack(queue, job)
  return true
}

function putBack(queue: Job[], job: Job): void {
  const behind = queue.findIndex((each) => each.id > job.id)
  queue.splice(behind < 0 ? queue.length : behind, 0, job)
}

function lockedFor({ id }: Job, busyTimeoutMs: number): FromWorker {
  const message = `Another connection kept the database locked for ${busyTimeoutMs} ms`
  return { id, error: { code: 'UNAVAILABLE', message } }
}
