import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEmbeddingPipeline, type EmbeddingOptions, type EmbeddingPipeline } from '../../src/embedding/pipeline.js'
import { StoreError } from '../../src/errors.js'
import { fakeEmbedder, vectorOf } from './fake-embedder.js'

const unavailable = (): StoreError => new StoreError('UNAVAILABLE', 'The embedder is away')

/** A pipeline whose embedder fails while `error` is set. */
function pipelineOf() {
  const state: { error: StoreError | undefined } = { error: undefined }
  const embed = vi.fn(async (texts: readonly string[]) => {
    if (state.error !== undefined) throw state.error
    return { vectors: texts.map(() => Float32Array.of(1, 2)) }
  })
  const model = { provider: 'test', name: 'test' }
  const pipeline = createEmbeddingPipeline({ embedder: { model, dimensions: 2, embed }, random: () => 0 })
  return { pipeline, embed, state }
}

describe('an impatient request', () => {
  it('gets the error of the first call that fails, and nobody calls again for it', async () => {
    const { pipeline, embed, state } = pipelineOf()
    state.error = unavailable()
    await expect(pipeline.embed('a', 'query', { isImpatient: true })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await pipeline.close()
    expect(embed).toHaveBeenCalledTimes(1)
  })

  it('leaves those alone that wait for the same text', async () => {
    const { pipeline, embed, state } = pipelineOf()
    state.error = unavailable()
    const patient = pipeline.embed('a', 'query')
    await expect(pipeline.embed('a', 'query', { isImpatient: true })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    state.error = undefined
    expect(await patient).toEqual(Float32Array.of(1, 2))
    expect(embed).toHaveBeenCalledTimes(2)
  })

  it('does not wait out the pause that a provider asked for', async () => {
    const { pipeline, embed, state } = pipelineOf()
    state.error = new StoreError('RATE_LIMITED', 'Too many', { retryAfterMs: 60_000 })
    const first = pipeline.embed('a', 'query', { isImpatient: true })
    await expect(first).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    state.error = undefined
    const second = pipeline.embed('b', 'query', { isImpatient: true })
    await expect(second).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    expect(embed).toHaveBeenCalledTimes(1)
    expect(pipeline.stats().circuit).toBe('closed')
  })

  it('opens the circuit when each fails, so that the next ones are refused without a call', async () => {
    const { pipeline, embed, state } = pipelineOf()
    state.error = unavailable()
    for (let n = 0; n < 5; n += 1)
      await expect(pipeline.embed(`${n}`, 'query', { isImpatient: true })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      })
    expect(pipeline.stats().circuit).toBe('open')
    await expect(pipeline.embed('next', 'query', { isImpatient: true })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(embed).toHaveBeenCalledTimes(5)
  })
})

describe('an impatient request to an embedder that hangs', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** `hears`: whether the embedder ends when it is told to. */
  function hangingPipeline(options: EmbeddingOptions = {}, hears = false) {
    const embedder = fakeEmbedder(({ signal }) =>
      hears ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) : hang(),
    )
    return { embedder, pipeline: createEmbeddingPipeline({ embedder, options, random: () => 0 }) }
  }
  const hang = () => new Promise<never>(() => undefined)

  /** Milliseconds until it is refused. */
  async function refusedAfter(pipeline: EmbeddingPipeline, text: string): Promise<number> {
    const from = performance.now()
    let ms: number | undefined
    const refused = expect(
      Promise.resolve(pipeline.embed(text, 'query', { isImpatient: true })).finally(() => {
        ms = performance.now() - from
      }),
    ).rejects.toMatchObject({ retryable: true })
    while (ms === undefined) await vi.advanceTimersByTimeAsync(100)
    await refused
    return ms
  }

  it('waits five seconds, or as long as an attempt if that is less', async () => {
    expect(await refusedAfter(hangingPipeline().pipeline, 'a')).toBe(5000)
    expect(await refusedAfter(hangingPipeline({ attemptTimeoutMs: 1500 }).pipeline, 'a')).toBe(1500)
  })

  it('is told at once while the embedder hangs in every slot', async () => {
    const { pipeline, embedder } = hangingPipeline({ attemptTimeoutMs: 1500, concurrency: 1 })
    expect(await refusedAfter(pipeline, 'a')).toBe(1500)
    expect(await refusedAfter(pipeline, 'b')).toBe(0)
    expect(embedder.calls).toHaveLength(1)
    // It has five seconds to let go.
    await vi.advanceTimersByTimeAsync(5000)
    expect(await refusedAfter(pipeline, 'c')).toBe(1500)
    expect(embedder.calls).toHaveLength(2)
  })

  it.each([false, true])('opens the circuit by five of them (heard: %s)', async (hears) => {
    const { pipeline, embedder } = hangingPipeline({}, hears)
    for (let n = 0; n < 5; n += 1) expect(await refusedAfter(pipeline, `${n}`)).toBe(5000)
    expect(pipeline.stats()).toMatchObject({ circuit: 'open', calls: { made: 5, timedOut: 5 } })
    expect(await refusedAfter(pipeline, 'next')).toBe(0)
    expect(embedder.calls).toHaveLength(5)
  })

  it('does not end the call for those who have patience', async () => {
    const embedder = fakeEmbedder(() => 8000)
    const pipeline = createEmbeddingPipeline({ embedder })
    const patient = pipeline.embed('a', 'query')
    expect(await refusedAfter(pipeline, 'a')).toBe(5000)
    await vi.advanceTimersByTimeAsync(3000)
    expect(await patient).toEqual(vectorOf('a', 'query'))
  })

  it('is not told so when a caller has given up alone', async () => {
    const { pipeline } = hangingPipeline({ concurrency: 1 })
    const quitter = new AbortController()
    const aborted = expect(
      pipeline.embed('a', 'query', { isImpatient: true, signal: quitter.signal }),
    ).rejects.toMatchObject({ code: 'ABORTED' })
    await vi.advanceTimersByTimeAsync(10)
    quitter.abort()
    await aborted
    expect(await refusedAfter(pipeline, 'b'), 'it waits for the slot').toBe(5000)
    expect(pipeline.stats().circuit).toBe('closed')
  })
})
