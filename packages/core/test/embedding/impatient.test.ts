import { describe, expect, it, vi } from 'vitest'
import { createEmbeddingPipeline } from '../../src/embedding/pipeline.js'
import { StoreError } from '../../src/errors.js'

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
