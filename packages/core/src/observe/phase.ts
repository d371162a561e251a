import { type Attributes, type Histogram, metrics, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { StoreError } from '../errors.js'
import { Latency, type LatencySummary } from './latency.js'

/** The name under which spans and metrics are reported. */
export const INSTRUMENTATION = '@tandemstore/core'

/**
 * One kind of work that is measured: its latency for stats(), a span `tandem.<name>` and the histogram `tandem.duration` for OpenTelemetry, where an SDK is
 * registered. Attributes hold counts and codes; never keys, texts or values.
 */
export class Phase {
  readonly #name: string
  readonly #attributes: Attributes
  readonly #latency = new Latency()
  readonly #tracer: Tracer
  readonly #durations: Histogram

  constructor(name: string, collection: string) {
    this.#name = `tandem.${name}`
    this.#attributes = { 'tandem.collection': collection, 'tandem.phase': name }
    this.#tracer = trace.getTracer(INSTRUMENTATION)
    this.#durations = metrics.getMeter(INSTRUMENTATION).createHistogram('tandem.duration', {
      unit: 's',
      description: 'How long an operation of the store, or one of its phases, takes.',
    })
  }

  /** Runs a call and records how long it took; stats() leaves out calls that failed. */
  measure<T>(call: () => Promise<T>, attributes?: Attributes): Promise<T> {
    return this.#tracer.startActiveSpan(
      this.#name,
      { attributes: { ...this.#attributes, ...attributes } },
      async (span) => {
        const start = performance.now()
        let failure: Attributes | undefined
        try {
          return await call()
        } catch (error) {
          failure = { 'error.type': StoreError.isInstance(error) ? error.code : 'unknown' }
          span.setAttributes(failure)
          span.setStatus({ code: SpanStatusCode.ERROR })
          throw error
        } finally {
          const ms = performance.now() - start
          if (failure === undefined) this.#latency.record(ms)
          this.#durations.record(ms / 1000, { ...this.#attributes, ...failure })
          span.end()
        }
      },
    )
  }

  summary(): LatencySummary {
    return this.#latency.summary()
  }
}
