import { context, type Tracer, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { StoreError } from '@tandemstore/core'

/** A span that has ended; its times are those of `performance.now()`. */
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
 * @throws StoreError CONFIGURATION where another SDK is registered, as there can be one only.
 */
export function startRecorder(): Recorder {
  const started = new Map<string, number>()
  let ended: RecordedSpan[] = []
  // The SDK's own times begin at whole milliseconds, which is too coarse for phases.
  const processor: SpanProcessor = {
    onStart: (span) => void started.set(span.spanContext().spanId, performance.now()),
    onEnd: (span) => {
      const endMs = performance.now()
      const { spanId: id, traceId } = span.spanContext()
      const startMs = started.get(id) ?? endMs
      started.delete(id)
      ended.push({ id, parent: span.parentSpanContext?.spanId, trace: traceId, name: span.name, startMs, endMs })
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  const provider = new TracerProvider({ spanProcessors: [processor] })
  const contexts = new AsyncLocalStorageContextManager()
  if (!trace.setGlobalTracerProvider(provider))
    throw new StoreError('CONFIGURATION', 'Another OpenTelemetry SDK is registered in this process: profile without it')
  context.setGlobalContextManager(contexts.enable())
  return {
    tracer: trace.getTracer('@tandemstore/bench'),
    take() {
      const taken = ended
      ended = []
      return taken
    },
    async stop() {
      trace.disable()
      context.disable()
      await provider.shutdown()
    },
  }
}
