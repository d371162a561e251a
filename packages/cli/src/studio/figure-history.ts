import type { ComponentHealth, Store, StoreStats } from '@tandemstore/core'
import { pendingWork } from '../source/pending-work.js'
import type { Place } from '../source/place.js'
import type { Figures, Latency, Sample } from './api-types.js'

/** An hour, where a page asks every five seconds. */
const MAX_SAMPLES = 720
const LEAST_PAUSE_MS = 1000
const PATIENCE_MS = 60_000

/** What the store's figures were whenever a page asked for them, so that a page that is opened again shows them too. */
export class FigureHistory {
  readonly #place: Place
  readonly #store: Store
  readonly #samples: Sample[] = []
  #under: Promise<Omit<Figures, 'samples'>> | undefined
  #last: Omit<Figures, 'samples'> | undefined

  constructor(place: Place, store: Store) {
    this.#place = place
    this.#store = store
  }

  async figures(): Promise<Figures> {
    const recent = Date.now() - (this.#samples.at(-1)?.at ?? 0) < LEAST_PAUSE_MS
    // Several pages share one look.
    if (this.#last === undefined || !recent) {
      this.#under ??= this.#look().finally(() => {
        this.#under = undefined
      })
      this.#last = await this.#under
    }
    return { samples: this.#samples, ...this.#last }
  }

  async #look(): Promise<Omit<Figures, 'samples'>> {
    // Not the signal of one page: others may wait for the same look.
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const [health, stats, work] = await Promise.all([
      this.#store.health({ signal }),
      this.#store.stats(),
      pendingWork(this.#place, signal),
    ])
    const { kv, vectors, space } = health
    const components: [string, ComponentHealth | undefined][] = [
      ['documents', kv],
      ['vectors', vectors],
    ]
    this.#samples.push({
      at: Date.now(),
      waiting: work.waiting,
      failed: work.failed.length,
      points: space?.points,
      kvMs: kv.ok ? kv.latencyMs : undefined,
      vectorsMs: vectors?.ok ? vectors.latencyMs : undefined,
      cacheHitRate: hitRate(stats),
    })
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift()
    return {
      cached: this.#place.configured?.cache !== undefined,
      cacheEntries: stats.cache?.entries,
      latencies: latenciesOf(stats),
      faults: components.flatMap(([of, component]) =>
        component?.error === undefined ? [] : [{ of, message: component.error.message }],
      ),
    }
  }
}

function hitRate({ embeddings }: StoreStats): number | undefined {
  const { hits = 0, misses = 0 } = embeddings?.cache ?? {}
  return hits + misses === 0 ? undefined : hits / (hits + misses)
}

function latenciesOf({ latency }: StoreStats): Latency[] {
  return Object.entries(latency).flatMap(([operation, { count, p50, p95, max }]) =>
    count === 0 ? [] : [{ operation, count, p50, p95, max }],
  )
}
