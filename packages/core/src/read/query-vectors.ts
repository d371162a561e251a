import { faultOf, StoreError } from '../errors.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import { checkAborted } from '../resilience/abort.js'
import { isUnsaid } from '../resilience/unsaid.js'

/** Embeds queries. Where one cannot be embedded, and need not be, that is told: once for each outage. */
export class QueryVectors {
  readonly #context: StoreContext
  /** Texts embedded when an outage was told last: it is over when there are more. */
  #toldAt: number | undefined

  constructor(context: StoreContext) {
    this.#context = context
  }

  /** The vector of a query. Tries again as the store is told. */
  async vectorOf(index: IndexContext, query: string, signal: AbortSignal | undefined): Promise<Float32Array> {
    return this.#embed(index, query, signal, false)
  }

  /** Likewise with one attempt; `undefined` where it failed, unless the embedder says that the query is at fault. */
  async tryVectorOf(
    index: IndexContext,
    query: string,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array | undefined> {
    try {
      return await this.#embed(index, query, signal, true)
    } catch (error) {
      checkAborted(signal)
      checkAborted(this.#context.signal)
      if (!StoreError.isInstance(error) || (faultOf(error) === 'document' && !isUnsaid(error))) throw error
      this.#tell(index, error)
      return undefined
    }
  }

  /** Closing the store withdraws it, too: nothing that is under way may hold up `close`. */
  async #embed(
    { pipeline, points }: IndexContext,
    query: string,
    signal: AbortSignal | undefined,
    isImpatient: boolean,
  ): Promise<Float32Array> {
    if (pipeline === undefined) throw new StoreError('NOT_SUPPORTED', 'This store has no embedder')
    const ends = signal === undefined ? this.#context.signal : AbortSignal.any([signal, this.#context.signal])
    return pipeline.embed(await points.fitQuery(query), 'query', { signal: ends, isImpatient })
  }

  #tell({ pipeline }: IndexContext, error: StoreError): void {
    const { counters, events } = this.#context
    counters.degraded += 1
    const embedded = pipeline?.stats().texts.embedded ?? 0
    const isTold = this.#toldAt === embedded
    this.#toldAt = embedded
    if (!isTold) events.emit('searchDegraded', { error })
  }
}
