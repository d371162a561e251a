import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEmbeddingPipeline, type EmbeddingPipeline } from '../../src/embedding/pipeline.js'
import { embedMany, fakeEmbedder, manyTexts } from './fake-embedder.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const TEXTS = 20_000
const callMs = (texts: number) => 40 + 0.2 * texts
/** 200 full batches in five slots that are never empty. */
const BEST_MS = ((TEXTS / 100) * callMs(100)) / 5

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/**
 * A loop that goes on when a text is taken on, as one of awaited puts in background mode, and waits while too much is
 * pending.
 */
async function oneByOne(pipeline: EmbeddingPipeline, texts: readonly string[], perMs: number): Promise<void> {
  let pending = 0
  const all: Promise<void>[] = []
  for (let i = 0; i < texts.length; i += 1) {
    pending += 1
    all.push(
      Promise.resolve(pipeline.embed(texts[i] as string, 'document')).then(() => {
        pending -= 1
      }),
    )
    // What an awaited put goes through at least.
    for (let turns = 0; turns < 5; turns += 1) await Promise.resolve()
    if ((i + 1) % perMs === 0) await wait(1)
    while (pending >= 2000) await wait(1)
  }
  await Promise.all(all)
}

const arrivals: [string, (pipeline: EmbeddingPipeline, texts: readonly string[]) => Promise<unknown>][] = [
  ['in one embedMany', (pipeline, texts) => embedMany(pipeline, texts, 'document')],
  ['in 20,000 embeds at once', (pipeline, texts) => Promise.all(texts.map((text) => pipeline.embed(text, 'document')))],
  [
    'one after another, as fast as the loop goes',
    (pipeline, texts) => oneByOne(pipeline, texts, Number.POSITIVE_INFINITY),
  ],
  ['one after another, 50 a millisecond', (pipeline, texts) => oneByOne(pipeline, texts, 50)],
  ['one after another, 10 a millisecond', (pipeline, texts) => oneByOne(pipeline, texts, 10)],
  // Just faster than the embedder.
  ['one after another, 9 a millisecond', (pipeline, texts) => oneByOne(pipeline, texts, 9)],
]

describe('20,000 texts, 100 a call, 5 calls at a time', () => {
  it.each(arrivals)('come within 5 % of full batches in a full window: %s', async (_, arrive) => {
    const embedder = fakeEmbedder((call) => callMs(call.texts.length), { maxInputs: 100, maxConcurrency: 5 })
    const startedAt = performance.now()
    let ms = 0
    const done = arrive(createEmbeddingPipeline({ embedder }), manyTexts(TEXTS)).then(() => {
      ms = performance.now() - startedAt
    })
    await vi.runAllTimersAsync()
    await done
    expect(BEST_MS / ms).toBeGreaterThanOrEqual(0.95)
    expect(embedder.calls.length).toBeLessThanOrEqual(210)
    expect(embedder.mostRunning).toBe(5)
  })
})

it('costs one text a single call and no wait', async () => {
  const embedder = fakeEmbedder((call) => callMs(call.texts.length))
  const pipeline = createEmbeddingPipeline({ embedder })
  const startedAt = performance.now()
  const done = Promise.resolve(pipeline.embed('a', 'document')).then(() => performance.now() - startedAt)
  await vi.runAllTimersAsync()
  // Timers go by whole milliseconds.
  expect(await done).toBeLessThanOrEqual(41)
})
