import { toStoreError } from '../errors.js'
import type { Leases } from '../indexing/leases.js'
import { Heartbeat } from '../maintenance/heartbeat.js'
import { sweepExpired } from '../maintenance/sweep.js'
import type { StoreContext } from './context.js'

/** What a store does by itself while it is open: it renews its lease, learns of spaces, recovers, and sweeps. */
export class BackgroundWork {
  readonly #heartbeats: readonly Heartbeat[]
  readonly #recovering: Promise<void> | undefined

  constructor(context: StoreContext, leases: Leases, sweepMs: number) {
    const { index, sync, leaseMs, events, signal } = context
    const beatMs = Math.ceil(leaseMs / 3)
    const beating = (during: string, everyMs: number, beat: () => Promise<void>): Heartbeat =>
      new Heartbeat({ everyMs, during, events, signal, beat })
    const heartbeats = [
      beating('the heartbeat', beatMs, () => beat(context, leases)),
      beating('sweeping what has expired', sweepMs, () => sweepExpired(context)),
    ]
    // In mode `manual` only flush() and recover() embed.
    const recovery = sync === 'manual' ? undefined : index?.recovery
    // By itself, as it may take longer than a lease lasts.
    if (recovery !== undefined)
      heartbeats.push(beating('recovery', beatMs, () => recovery.recoverNow({ opening: false })))
    this.#heartbeats = heartbeats
    this.#recovering = recovery?.recoverNow({ opening: true }).catch((cause: unknown) => {
      if (signal.aborted) return
      const error = toStoreError(cause, 'KV_FAILED', 'Recovery failed')
      events.emit('backgroundError', { during: 'recovery', error })
    })
  }

  /** The recovery that opening began. */
  async untilRecovered(): Promise<void> {
    await this.#recovering
  }

  /** Nothing begins any more; resolves when what runs has ended. */
  async stop(): Promise<void> {
    await Promise.all(this.#heartbeats.map((heartbeat) => heartbeat.stop()))
  }
}

async function beat({ index, spaces, events }: StoreContext, leases: Leases): Promise<void> {
  await leases.renew(index === undefined ? [] : [index.record.name])
  await spaces.refresh()
  const { own } = spaces
  if (index === undefined || own === undefined || own.complete === index.record.complete) return
  index.record = own
  if (!own.complete) events.emit('spaceIncomplete', { space: own.name })
}
