import { StoreError, toStoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { VectorSpace } from '../ports/vector-index.js'
import { withinTime } from '../resilience/abort.js'
import type { BackgroundWork } from './background-work.js'
import type { StoreContext } from './context.js'

/** How long one step may take at most, milliseconds. */
const LONGEST_STEP_MS = 10_000
/** What all steps together get when the caller's time is over, milliseconds, and what each gets at least. */
const GRACE_MS = 1000
const SHORTEST_STEP_MS = 100
/** What the steps get after an opening that failed, milliseconds. */
const ABANDON_MS = 5000

/**
 * The steps of closing, one after the other. One that hangs is told and left behind; one that fails does not keep the
 * others from closing.
 */
export class ClosingSteps {
  readonly #events: Events
  readonly #endsAt: number
  #failure: unknown

  /** `deadline`: until when the caller waits, on the clock of `performance.now()`. */
  constructor(events: Events, deadline: number) {
    this.#events = events
    this.#endsAt = Math.max(deadline, performance.now() + GRACE_MS)
  }

  async step(what: string, run: () => Promise<unknown> | undefined): Promise<void> {
    const left = Math.max(SHORTEST_STEP_MS, this.#endsAt - performance.now())
    const ms = Math.round(Math.min(LONGEST_STEP_MS, left))
    const ended = (async () => run())().catch((error: unknown) => {
      this.#failure ??= error
    })
    if (await withinTime(ended, ms)) return
    const error = new StoreError('TIMEOUT', `Closing: ${what} did not end within ${ms} ms`)
    this.#events.emit('backgroundError', { during: 'closing', error })
  }

  /** Emits the first failure, for a caller who has an error to throw that matters more. */
  tellFailure(): void {
    if (this.#failure === undefined) return
    const error = toStoreError(this.#failure, 'KV_FAILED', 'Closing failed')
    this.#events.emit('backgroundError', { during: 'closing', error })
  }

  /** Throws the first failure. */
  end(): void {
    if (this.#failure !== undefined) throw toStoreError(this.#failure, 'KV_FAILED', 'Closing failed')
  }
}

/**
 * Ends what is still under way, leaving it to recovery, and closes the databases. Returns how many writes are left.
 * `deadline`: until when the caller waits, on the clock of `performance.now()`.
 */
export async function closeStore(
  { outbox, index, spaces, clock, events }: StoreContext,
  database: Pick<KVCollection, 'putLease' | 'close'>,
  ending: AbortController,
  work: BackgroundWork,
  deadline: number,
): Promise<number> {
  const left = outbox.size + outbox.manual.size
  const steps = new ClosingSteps(events, deadline)
  const closed = new StoreError('CLOSED', 'The store is closed')
  // First, so that no flush takes what is left to recovery for done.
  outbox.end(closed)
  ending.abort(closed)
  index?.retries.stop()
  outbox.drain()
  outbox.manual.abandon()
  await steps.step('recovery', () => work.untilRecovered())
  await steps.step('the heartbeat', () => work.stop())
  await steps.step('embedding', () => index?.pipeline?.close())
  // What is left is for others, who look when they see a lease that has run out: by then what this store has sent
  // has arrived, as after a crash.
  const isLeft = left > 0 || spaces.leavesIntents || (index !== undefined && outbox.needsRecovery)
  if (!isLeft) await steps.step('giving up the lease', () => giveUpLease(database, clock.writer))
  await steps.step('the vector index', () => index?.space.close())
  await steps.step('the other spaces of the vector index', () => index?.others.close())
  await steps.step('the database', () => database.close())
  steps.end()
  return left
}

/** Closes what a store had opened before it failed to open. What fails meanwhile is told, and hides no failure. */
export async function abandonOpening(
  events: Events,
  database: Pick<KVCollection, 'putLease' | 'close'>,
  writer: string,
  space: VectorSpace | undefined,
): Promise<void> {
  const steps = new ClosingSteps(events, performance.now() + ABANDON_MS)
  await steps.step('the vector index', () => space?.close())
  // Otherwise recovery elsewhere would wait for it to run out, as it does if this fails.
  await steps.step('giving up the lease', () => giveUpLease(database, writer))
  await steps.step('the database', () => database.close())
  steps.tellFailure()
}

function giveUpLease(database: Pick<KVCollection, 'putLease'>, writer: string): Promise<void> {
  return database.putLease({ writer, expiresAt: 0 })
}
