import { faultOf, StoreError } from '../errors.js'
import type { EmbeddingEvent } from './events.js'

/** Batches that fail one after the other, none succeeding between them, before the circuit opens. */
const THRESHOLD = 5
const PAUSE_MS = 30_000
/** Likewise where the set-up is at fault: whoever mends it is not to wait for long. */
const SETUP_PAUSE_MS = 5000

export type CircuitEvent = Extract<EmbeddingEvent, { readonly type: 'circuit' }>

/**
 * Stops calling a model that fails whatever it is given. Closed: all calls go. Open, for a pause: texts fail at
 * once. Half-open: one call at a time, until one succeeds (closed) or fails whatever its texts (open again).
 */
export interface Circuit {
  readonly state: 'closed' | 'open' | 'half-open'
  /** Calls that may run at the same time. */
  readonly maxCalls: number
  /** Why no text is taken now; `undefined` where it is. Half-opens the circuit when its pause is over. */
  refusal(): StoreError | undefined
  succeeded(): void
  /** One attempt failed, whatever its texts. */
  attemptFailed(error: StoreError): void
  /** A whole batch failed for good: its retries are used up, or it was refused whatever its texts. */
  batchFailed(error: StoreError): void
  open(error: StoreError, pauseMs?: number): void
}

export function createCircuit(args: {
  /** How errors name the model. */
  readonly who: string
  readonly now: () => number
  readonly emit: (event: CircuitEvent) => void
  /** Fails what waits. */
  readonly onOpen: (refusal: StoreError) => void
}): Circuit {
  const { who, now, emit, onOpen } = args
  let state: Circuit['state'] = 'closed'
  let failures = 0
  let openUntil = 0
  let cause: StoreError | undefined

  function refuse(): StoreError {
    const retryAfterMs = openUntil - now()
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
    const message = `${who} failed repeatedly and is not called for ${seconds} s; its last error: ${cause?.message}`
    // What has to be mended keeps its name.
    if (cause !== undefined && faultOf(cause) !== 'transient')
      return new StoreError(cause.code, message, { cause, retryable: false, setup: true, retryAfterMs })
    return new StoreError('UNAVAILABLE', message, { cause, retryable: true, retryAfterMs })
  }

  function open(error: StoreError, pauseMs = faultOf(error) === 'setup' ? SETUP_PAUSE_MS : PAUSE_MS): void {
    state = 'open'
    openUntil = now() + pauseMs
    cause = error
    emit({ type: 'circuit', state, pauseMs, error })
    onOpen(refuse())
  }

  return {
    get state() {
      return state
    },
    get maxCalls() {
      return state === 'closed' ? Number.POSITIVE_INFINITY : state === 'open' ? 0 : 1
    },
    refusal() {
      if (state !== 'open') return undefined
      if (now() < openUntil) return refuse()
      state = 'half-open'
      emit({ type: 'circuit', state })
      return undefined
    },
    succeeded() {
      failures = 0
      if (state === 'closed') return
      state = 'closed'
      emit({ type: 'circuit', state })
    },
    attemptFailed(error) {
      if (state === 'half-open') open(error)
    },
    batchFailed(error) {
      failures += 1
      // Half-open, one batch was the probe.
      if (state === 'half-open' || (failures >= THRESHOLD && state !== 'open')) open(error)
    },
    open,
  }
}
