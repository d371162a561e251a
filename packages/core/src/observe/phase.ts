import {
  type Attributes,
  context,
  type Histogram,
  isSpanContextValid,
  metrics,
  type Span,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { StoreError } from '../errors.js'
import { Latency, type LatencySummary } from './latency.js'

/** The name under which spans and metrics are reported. */
export const INSTRUMENTATION = '@tandemstore/core'

/**
 * One kind of work that is measured: its latency for stats(), a span `tandem.<name>` and the histogram
 * `tandem.duration` for OpenTelemetry, where an SDK is registered. Attributes hold counts and codes; never keys,
 * texts or values.
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

  /**
   * Runs a call and records how long it took; stats() leaves out calls that failed. `rejectWith` says what is thrown
   * in the place of an error.
   */
  measure<T>(call: () => Promise<T>, more?: Attributes, rejectWith?: (error: unknown) => unknown): Promise<T> {
    const attributes = more === undefined ? this.#attributes : { ...this.#attributes, ...more }
    const span = this.#tracer.startSpan(this.#name, { attributes })
    // Where nobody traces there is nothing for other spans to belong to.
    if (!isSpanContextValid(span.spanContext())) return this.#run(call, span, rejectWith)
    return context.with(trace.setSpan(context.active(), span), () => this.#run(call, span, rejectWith))
  }

  async #run<T>(call: () => Promise<T>, span: Span, rejectWith?: (error: unknown) => unknown): Promise<T> {
    const start = performance.now()
    let attributes = this.#attributes
    try {
      const result = await call()
      this.#latency.record(performance.now() - start)
      return result
    } catch (error) {
      const failure = { 'error.type': StoreError.isInstance(error) ? error.code : 'unknown' }
      attributes = { ...attributes, ...failure }
      span.setAttributes(failure)
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw rejectWith === undefined ? error : rejectWith(error)
    } finally {
      this.#durations.record((performance.now() - start) / 1000, attributes)
      span.end()
    }
  }

  summary(): LatencySummary {
    return this.#latency.summary()
  }
}
