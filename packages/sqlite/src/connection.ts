import { Worker } from 'node:worker_threads'
import { onAbort, StoreError } from '@tandemstore/core/adapter'
import { fromWireError } from './errors.js'
import { IN_MEMORY } from './file-path.js'
import type { FromWorker, OperationArgs, OperationName, OperationResult, ToWorker } from './protocol.js'
import { warnOfWalReset } from './wal-reset.js'
import type { WorkerOptions } from './worker-options.js'

export type FailedCode = 'KV_FAILED' | 'INDEX_FAILED'

export interface CallSettings {
  /** The code of an error that is the database's. */
  readonly failed: FailedCode
  readonly signal?: AbortSignal | undefined
  /** Moved to the worker instead of being copied. */
  readonly transfer?: readonly ArrayBuffer[] | undefined
}

/** The worker as one handle (a collection or a space) uses it. */
export interface Session {
  /**
   * Asks the worker to do something. When the signal aborts, what has not begun is not done; a write that was waiting
   * for another connection's lock has not begun. The outcome of the rest is unknown.
   */
  call<K extends OperationName>(name: K, args: OperationArgs<K>, settings: CallSettings): Promise<OperationResult<K>>
  /** Ends the use. The last one closes the database and terminates the worker. */
  release(failed: FailedCode): Promise<void>
}

/** The one worker of a `sqlite()` object, started when it is needed. */
export interface Connection {
  /** Begins a use, with the database open. */
  open(settings: CallSettings): Promise<Session>
}

interface Pending {
  readonly failed: FailedCode
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** One run of the worker. */
interface Run extends Session {
  users: number
  readonly isDead: () => boolean
}

export function createConnection(options: WorkerOptions): Connection {
  let current: Run | undefined
  /** Settles, without fail, when the run before has left the file. */
  let closing: Promise<void> = Promise.resolve()

  return {
    async open(settings) {
      settings.signal?.throwIfAborted()
      await closing
      if (current === undefined || current.isDead()) current = startWorker(options)
      const run = current
      run.users += 1
      let released: Promise<void> | undefined
      const session: Session = {
        call: run.call,
        release(failed) {
          released ??= (async () => {
            run.users -= 1
            if (run.users > 0) return
            if (current === run) current = undefined
            const ended = run.release(failed)
            closing = ended.catch(() => undefined)
            await ended
          })()
          return released
        },
      }
      try {
        const { sqliteVersion } = await run.call('connect', undefined, settings)
        if (options.path !== IN_MEMORY) warnOfWalReset(sqliteVersion)
        return session
      } catch (error) {
        await session.release(settings.failed)
        throw error
      }
    },
  }
}

function startWorker(options: WorkerOptions): Run {
  const worker = createWorker(options)
  const pending = new Map<number, Pending>()
  let lastId = 0
  let death: unknown
  let dead = false

  /** Only what is pending keeps the process alive. */
  const settle = (id: number): Pending | undefined => {
    const call = pending.get(id)
    if (pending.delete(id) && pending.size === 0) worker.unref()
    return call
  }
  const answer = (message: FromWorker): void => {
    const call = settle(message.id)
    // An aborted call has been rejected.
    if (call === undefined) return
    if ('error' in message) call.reject(fromWireError(message.error, call.failed))
    else call.resolve(message.result)
  }
  /*
   * Node.js hands over all messages that have arrived in one turn of the event loop, and what their callers do next
   * comes on top. Answers are therefore given one each turn.
   */
  const waiting: FromWorker[] = []
  let answered = false
  const answerNext = (): void => {
    const next = waiting.shift()
    answered = next !== undefined
    if (next === undefined) return
    setImmediate(answerNext)
    answer(next)
  }
  const end = (cause: unknown): void => {
    for (const message of waiting.splice(0)) answer(message)
    dead = true
    death ??= cause
    for (const [id, { failed, reject }] of pending) {
      pending.delete(id)
      reject(
        isMissingFile(death)
          ? missingFile(death)
          : new StoreError(failed, 'The thread of the SQLite database ended in the middle of a call', { cause: death }),
      )
    }
  }
  worker.unref()
  worker.on('message', (message: FromWorker) => {
    if (answered) {
      waiting.push(message)
      return
    }
    answered = true
    setImmediate(answerNext)
    answer(message)
  })
  worker.on('messageerror', (error) => {
    end(error)
    void worker.terminate()
  })
  worker.on('error', end)
  worker.on('exit', (code) => end(new Error(`The worker ended with code ${code}`)))

  const call: Session['call'] = (name, args, { failed, signal, transfer = [] }) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      if (dead) {
        throw new StoreError('UNAVAILABLE', 'The thread of the SQLite database has ended: open it again', {
          cause: death,
        })
      }
      lastId += 1
      const id = lastId
      const abort = (): void => {
        if (settle(id) === undefined) return
        worker.postMessage({ type: 'abort', id } satisfies ToWorker)
        reject(signal?.reason)
      }
      worker.postMessage({ type: 'request', id, name, args } satisfies ToWorker, [...transfer])
      const forget = signal && onAbort(signal, abort)
      pending.set(id, {
        failed,
        resolve: (result) => {
          forget?.()
          resolve(result as OperationResult<typeof name>)
        },
        reject: (error) => {
          forget?.()
          reject(error)
        },
      })
      if (pending.size === 1) worker.ref()
    })

  return {
    users: 0,
    isDead: () => dead,
    call,
    async release(failed) {
      if (dead) return
      try {
        await call('disconnect', undefined, { failed })
      } finally {
        // An ending thread must not be outrun by the end of the process, or this promise would never settle.
        worker.ref()
        await worker.terminate()
      }
    },
  }
}

function createWorker(options: WorkerOptions): Worker {
  try {
    return new Worker(new URL('./worker.js', import.meta.url), {
      name: 'tandemstore-sqlite',
      workerData: options,
      // Flags of the process such as --input-type would stop the thread.
      execArgv: [],
    })
  } catch (cause) {
    // Bundled as CommonJS, this module has no URL.
    throw missingFile(cause)
  }
}

function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(ERR_)?MODULE_NOT_FOUND$/.test(String(error.code))
}

function missingFile(cause: unknown): StoreError {
  return new StoreError(
    'CONFIGURATION',
    'The files of @tandemstore/sqlite are not beside its code: keep the package out of the bundle ' +
      "(esbuild: external: ['@tandemstore/sqlite'], Next.js: serverExternalPackages: ['@tandemstore/sqlite'])",
    { cause },
  )
}
