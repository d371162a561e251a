import type { Behaviour, ScriptedCall } from './call.js'

export interface Gate {
  /** Whether to hold the answer, after the call took effect, instead of the call. Default false. */
  readonly after?: boolean | undefined
}

/**
 * A call that was stopped. One that is aborted meanwhile ends with its signal's reason; if it was not carried out, it
 * never is.
 */
export interface Held<Args> {
  /** Resolves with the arguments when the call is here (with `after`: when it took effect). */
  readonly reached: Promise<Args>
  /** Lets it go on, also when it has not come yet. */
  release(): void
  /** Ends it with an error instead. */
  fail(error: unknown): void
}

export function heldBehaviour({ after = false }: Gate): { behaviour: Behaviour; held: Held<readonly unknown[]> } {
  const reached = Promise.withResolvers<readonly unknown[]>()
  const gate = Promise.withResolvers<void>()
  // It may fail before anyone waits for it.
  gate.promise.catch(() => {})
  return {
    async behaviour(call) {
      const answer = after ? await call.proceed() : undefined
      reached.resolve(call.args)
      await raceAbort(gate.promise, call.signal)
      return after ? answer : call.proceed()
    },
    held: { reached: reached.promise, release: () => gate.resolve(), fail: (error) => gate.reject(error) },
  }
}

/** A call that failed for its caller, and takes effect later. */
export interface LateCall {
  /** Resolves when the call has come, and failed. */
  readonly reached: Promise<void>
  /** Carries it out now, whatever became of its signal. Resolves when it took effect. */
  land(): Promise<void>
}

export function lateBehaviour(error: unknown): { behaviour: Behaviour; call: LateCall } {
  const reached = Promise.withResolvers<ScriptedCall>()
  return {
    behaviour(call) {
      reached.resolve(call)
      throw error
    },
    call: {
      reached: reached.promise.then(() => {}),
      async land() {
        const call = await reached.promise
        await call.proceed(withoutSignal(call.args))
      },
    },
  }
}

/** Waits for a promise, or for the signal to abort. */
export async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function withoutSignal(args: readonly unknown[]): unknown[] {
  return args.map((each) =>
    typeof each === 'object' && each !== null && 'signal' in each ? { ...each, signal: undefined } : each,
  )
}
