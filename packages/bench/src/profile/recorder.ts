import { context, type Tracer, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { StoreError } from '@tandemstore/core'

/** One span, in milliseconds since the Unix epoch. */
export interface RecordedSpan {
  readonly id: string
  readonly parent: string | undefined
  readonly trace: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
}

/** Hears the spans of every store of this process. */
export interface Recorder {
  readonly tracer: Tracer
  /** The spans that ended since the last call. */
  take(): RecordedSpan[]
  stop(): Promise<void>
}

/**
 * Registers an OpenTelemetry SDK that keeps spans in memory.
 *
 * @throws StoreError CONFIGURATION where another SDK is registered, which would not hear its spans any more.
 */
export function startRecorder(): Recorder {
  const spans = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] })
  const contexts = new AsyncLocalStorageContextManager().enable()
  if (!context.setGlobalContextManager(contexts) || !trace.setGlobalTracerProvider(provider)) {
    contexts.disable()
    throw new StoreError('CONFIGURATION', 'Another OpenTelemetry SDK is registered in this process: profile without it')
  }
  return {
    tracer: trace.getTracer('@tandemstore/bench'),
    take() {
      const taken = spans.getFinishedSpans().map((span) => ({
        id: span.spanContext().spanId,
        parent: span.parentSpanContext?.spanId,
        trace: span.spanContext().traceId,
        name: span.name,
        startMs: toMs(span.startTime),
        endMs: toMs(span.endTime),
      }))
      spans.reset()
      return taken
    },
    async stop() {
      trace.disable()
      context.disable()
      await provider.shutdown()
    },
  }
}

function toMs([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1000 + nanoseconds / 1e6
}
