import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { aborted, StoreError, type StoreErrorCode, type StoreErrorOptions, toStoreError } from '../errors.js'
import { onAbort } from '../resilience/abort.js'
import { innerReason } from './connection-error.js'

/** What of a StoreError passes between threads. */
export interface WireError extends Pick<StoreErrorOptions, 'retryable' | 'setup' | 'retryAfterMs'> {
  readonly code: StoreErrorCode
  readonly message: string
}

/** What the worker posts for each request, in the order of the requests. */
export type WorkerReply<Value> = { readonly value: Value } | { readonly error: WireError }

/**
 * What went wrong in a worker, for its reply: a StoreError as it is, and anything else as an error of this code and
 * message.
 */
export function toWireError(thrown: unknown, code: StoreErrorCode, message: string): WireError {
  const error = toStoreError(thrown, code, message)
  const { retryable, setup, retryAfterMs } = error
  return { code: error.code, message: error.message, retryable, setup, retryAfterMs }
}

export interface WorkerCallOptions {
  /** Goes before the calls that are not urgent. */
  readonly urgent: boolean
  readonly signal?: AbortSignal | undefined
}

export interface WorkerClient<Request, Value> {
  /** The values of the requests, in their order. The first request that fails fails the call. */
  call(requests: readonly Request[], options: WorkerCallOptions): Promise<Value[]>
  /** Ends the worker; pending and later calls are refused with CLOSED. */
  close(): Promise<void>
}

interface Call<Request, Value> extends WorkerCallOptions {
  readonly requests: readonly Request[]
  readonly values: Value[]
  sent: number
  done: boolean
  settle(error?: StoreError): void
}

/**
 * Requests that lie with the worker at a time: the next one is there when it finishes one, and an urgent call still
 * gets in soon.
 */
const MAX_IN_FLIGHT = 2

/**
 * How long `close` waits for the request that is being run, milliseconds: longer than one takes. A model that is being
 * loaded is not waited for.
 */
const CLOSE_MS = 3_000

export interface WorkerClientOptions {
  /** What it does, for messages: `The embedding worker`. Default: `The worker`. */
  readonly name?: string | undefined
  /** The npm package that the worker's file belongs to, which a bundler has to leave alone. */
  readonly packageName?: string | undefined
}

/**
 * Runs requests one by one in a worker thread, which is started by the first call, and again after a crash. The worker
 * keeps the process alive only while somebody waits for it. An aborted call takes back what the worker has not got yet.
 *
 * Errors of `call`: what the worker replies; UNAVAILABLE when the thread ends; CONFIGURATION when its file, or a
 * package that it needs, is missing; ABORTED; CLOSED.
 * @param url the worker's file; as a function where a bundler may have left nothing to make a URL of.
 */
export function workerClient<Request, Value>(
  url: URL | (() => URL),
  workerData: unknown,
  { name = 'The worker', packageName }: WorkerClientOptions = {},
): WorkerClient<Request, Value> {
  let worker: Worker | undefined
  let closed = false
  const unsent: Call<Request, Value>[] = []
  const running: { readonly call: Call<Request, Value>; readonly at: number }[] = []

  function pump(): void {
    try {
      if (unsent.length > 0) worker ??= start()
    } catch (error) {
      failAll(asMissing(error) ?? toStoreError(error, 'UNAVAILABLE', `${name} could not be started`))
      return
    }
    for (let call = unsent[0]; call !== undefined && running.length < MAX_IN_FLIGHT; call = unsent[0]) {
      running.push({ call, at: call.sent })
      worker?.postMessage(call.requests[call.sent])
      call.sent += 1
      if (call.sent === call.requests.length) unsent.shift()
    }
    // Also for an answer that nobody waits for: a process that ends while native code runs in a thread is aborted.
    if (unsent.length > 0 || running.length > 0) worker?.ref()
    else worker?.unref()
  }

  /** A file or a package that is not where the code expects it, as the error that says what mends it. */
  function asMissing(error: unknown): StoreError | undefined {
    const { code } = (error ?? {}) as { code?: unknown }
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND' && code !== 'ERR_INVALID_URL') return undefined
    const reason = innerReason(error)
    const wanted = /^Cannot find package '([^']+)'/.exec(reason)?.[1]
    const remedy =
      wanted === undefined
        ? `a bundler left it out; name ${packageName ?? 'the package of this file'} in its \`external\` packages (in Next.js \`serverExternalPackages\`)`
        : `install it: npm install ${wanted}`
    return new StoreError('CONFIGURATION', `${name} misses a file of its own: ${reason}: ${remedy}`, { cause: error })
  }

  function start(): Worker {
    // The flags of the process are not the worker's: --eval and its like would break it.
    const started = new Worker(typeof url === 'function' ? url() : url, { workerData, execArgv: [] })
    const ended = (how: string, cause?: unknown) => {
      if (worker === started) failAll(asMissing(cause) ?? new StoreError('UNAVAILABLE', `${name} ${how}`, { cause }))
    }
    started.on('error', (error) => ended(`crashed: ${error instanceof Error ? error.message : String(error)}`, error))
    started.on('exit', (code) => ended(`exited with code ${code}`))
    started.on('message', (reply: WorkerReply<Value>) => {
      const next = worker === started ? running.shift() : undefined
      if (next === undefined) return
      if ('error' in reply) next.call.settle(new StoreError(reply.error.code, reply.error.message, reply.error))
      else {
        next.call.values[next.at] = reply.value
        if (next.at === next.call.requests.length - 1) next.call.settle()
      }
      pump()
    })
    return started
  }

  function failAll(error: StoreError): void {
    worker = undefined
    const lost = new Set([...running.map(({ call }) => call), ...unsent])
    running.length = 0
    for (const call of lost) call.settle(error)
  }

  return {
    call: (requests, options) =>
      new Promise((resolve, reject) => {
        const { signal, urgent } = options
        if (closed) throw new StoreError('CLOSED', `${name} is closed`)
        if (signal?.aborted) throw aborted(signal)
        if (requests.length === 0) return resolve([])
        const call: Call<Request, Value> = { requests, urgent, values: [], sent: 0, done: false, settle }
        function settle(error?: StoreError): void {
          if (call.done) return
          call.done = true
          stopListening?.()
          const at = unsent.indexOf(call)
          if (at >= 0) unsent.splice(at, 1)
          if (error) reject(error)
          else resolve(call.values)
        }
        const stopListening =
          signal &&
          onAbort(signal, () => {
            settle(aborted(signal))
            pump()
          })
        const place = urgent ? unsent.findIndex((other) => !other.urgent) : -1
        unsent.splice(place < 0 ? unsent.length : place, 0, call)
        pump()
      }),
    close: async () => {
      closed = true
      const error = new StoreError('CLOSED', `${name} was closed`)
      for (const call of [...unsent, ...running.map((each) => each.call)]) call.settle(error)
      const ending = worker
      if (ending === undefined) return
      // What runs is let run: a thread that is ended inside native code takes the process with it.
      const patience = AbortSignal.timeout(CLOSE_MS)
      while (running.length > 0 && worker === ending && !patience.aborted) await answerOrEnd(ending, patience)
      worker = undefined
      await ending.terminate()
    },
  }
}

/** Resolves with the next answer of a worker, its end, or when patience is at an end. */
function answerOrEnd(worker: Worker, patience: AbortSignal): Promise<unknown> {
  const events = ['message', 'exit', 'error'].map((name) => once(worker, name, { signal: patience }).catch(() => {}))
  return Promise.race(events)
}
