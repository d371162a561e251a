/**
 * How full the pipeline keeps an embedder that takes 40 ms + 0.2 ms a text, 100 texts a call, 5 calls at a time.
 *
 *   node bench/pipeline-sim.ts            both parts (build core first)
 *
 * Part 1 compares rules for sending partial batches, in virtual time: throughput (1 is what arrivals and full batches
 * allow), calls, mean and
 * longest wait of a text. Part 2 runs the pipeline itself against a bare rolling window that makes the same calls
 * with full batches.
 */

import { createEmbeddingPipeline } from '../dist/embedding/pipeline.js'
import { embedMany } from '../test/embedding/fake-embedder.ts'

const SLOTS = 5
const BATCH = 100
const TEXTS = 20_000
const callMs = (texts: number) => 40 + 0.2 * texts

interface Moment {
  readonly time: number
  readonly running: number
  readonly lastStart: number
  readonly meanMs: number
  readonly callEnded: boolean
}

/** From when on a partial batch may be sent into a free slot. */
const rules: Record<string, (moment: Moment) => number> = {
  'at once': () => 0,
  'when a call ends': ({ running, callEnded }) => (running === 0 || callEnded ? 0 : Number.POSITIVE_INFINITY),
  paced: ({ running, lastStart, meanMs }) => (running === 0 ? 0 : lastStart + meanMs / SLOTS),
}

function simulate(rule: (moment: Moment) => number, arrival: (i: number) => number) {
  const waiting: number[] = []
  const running: { readonly end: number; readonly start: number; readonly texts: number[] }[] = []
  let time = 0
  let arrived = 0
  let done = 0
  let calls = 0
  let lastStart = Number.NEGATIVE_INFINITY
  let meanMs = 50
  let alarm = Number.POSITIVE_INFINITY
  let waited = 0
  let longest = 0

  function fill(callEnded: boolean): void {
    let ended = callEnded
    while (running.length < SLOTS && waiting.length > 0) {
      const from =
        waiting.length >= BATCH ? 0 : rule({ time, running: running.length, lastStart, meanMs, callEnded: ended })
      if (from > time) {
        alarm = Math.min(alarm, from)
        return
      }
      ended = false
      const texts = waiting.splice(0, BATCH)
      calls += 1
      lastStart = time
      running.push({ start: time, end: time + callMs(texts.length), texts })
      running.sort((a, b) => a.end - b.end)
    }
  }

  while (done < TEXTS) {
    time = Math.min(
      arrived < TEXTS ? arrival(arrived) : Number.POSITIVE_INFINITY,
      running[0]?.end ?? Number.POSITIVE_INFINITY,
      alarm,
    )
    if (alarm <= time) alarm = Number.POSITIVE_INFINITY
    for (let first = running[0]; first !== undefined && first.end <= time; first = running[0]) {
      running.shift()
      done += first.texts.length
      for (const at of first.texts) {
        waited += time - at
        longest = Math.max(longest, time - at)
      }
      meanMs = meanMs * 0.8 + (time - first.start) * 0.2
      fill(true)
    }
    for (; arrived < TEXTS && arrival(arrived) <= time; arrived += 1) waiting.push(arrival(arrived))
    fill(false)
  }
  return { time, calls, mean: waited / TEXTS, longest }
}

const fullMs = ((TEXTS / BATCH) * callMs(BATCH)) / SLOTS

function compareRules(): void {
  console.log('Rules for partial batches, in virtual time')
  const arrivals: [string, (i: number) => number][] = [
    0, 5, 50, 80, 100, 110, 120, 130, 150, 200, 1000, 5000, 20_000,
  ].map((us) => [us === 0 ? 'all at once' : `every ${us} µs`, (i) => (i * us) / 1000])
  arrivals.push(['256 every 10 ms', (i) => Math.floor(i / 256) * 10])
  for (const [name, arrival] of arrivals) {
    const best = Math.max(fullMs, arrival(TEXTS - 1) + callMs(1))
    const cells = Object.entries(rules).map(([rule, from]) => {
      const { time, calls, mean, longest } = simulate(from, arrival)
      return `${rule} ${(best / time).toFixed(3)} ${calls} calls ${mean.toFixed(0)}/${longest.toFixed(0)} ms`.padEnd(48)
    })
    console.log(name.padEnd(16), ...cells)
  }
}

const vector = new Float32Array(8).fill(0.5)
const embedder = {
  model: { provider: 'bench', name: 'bench' },
  dimensions: 8,
  limits: { maxInputs: BATCH, maxConcurrency: SLOTS },
  embed: (texts: readonly string[]) =>
    new Promise<{ vectors: Float32Array[] }>((resolve) => {
      setTimeout(() => resolve({ vectors: texts.map(() => vector) }), callMs(texts.length))
    }),
}

async function bareWindow(texts: readonly string[]): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < texts.length) {
      const batch = texts.slice(next, next + BATCH)
      next += BATCH
      await embedder.embed(batch)
    }
  }
  await Promise.all(Array.from({ length: SLOTS }, worker))
}

/**
 * One text after another, as a loop of awaited puts in background mode: each takes a while, and waits while too much
 * is pending.
 */
async function oneByOne(texts: readonly string[], gapMs: number, maxPending = 2000): Promise<void> {
  const pipeline = createEmbeddingPipeline({ embedder })
  const pending = new Set<unknown>()
  const startedAt = performance.now()
  for (let i = 0; i < texts.length; i += 1) {
    const embedding = Promise.resolve(pipeline.embed(texts[i] as string, 'document'))
    pending.add(embedding)
    void embedding.then(() => pending.delete(embedding))
    while (performance.now() - startedAt < (i + 1) * gapMs) await new Promise((resolve) => setImmediate(resolve))
    await Promise.resolve()
    if (pending.size >= maxPending) await Promise.race(pending)
  }
  await Promise.all(pending)
}

const patterns: Record<string, (texts: readonly string[]) => Promise<unknown>> = {
  'embedMany of all': (texts) => embedMany(createEmbeddingPipeline({ embedder }), texts, 'document'),
  'embedMany of 1,000, four at a time': async (texts) => {
    const pipeline = createEmbeddingPipeline({ embedder })
    let next = 0
    const worker = async () => {
      while (next < texts.length) {
        const part = texts.slice(next, next + 1000)
        next += 1000
        await embedMany(pipeline, part, 'document')
      }
    }
    await Promise.all([worker(), worker(), worker(), worker()])
  },
  '20,000 embed at once': (texts) => {
    const pipeline = createEmbeddingPipeline({ embedder })
    return Promise.all(texts.map((text) => pipeline.embed(text, 'document')))
  },
  'one after another, no gap': (texts) => oneByOne(texts, 0),
  'one after another, 20 µs each': (texts) => oneByOne(texts, 0.02),
  'one after another, 100 µs each': (texts) => oneByOne(texts, 0.1),
}

async function measure(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await run()
  return performance.now() - startedAt
}

async function runPipeline(): Promise<void> {
  const texts = Array.from({ length: TEXTS }, (_, i) => `document number ${i}`)
  const bare = await measure(() => bareWindow(texts))
  console.log(`\nThe pipeline in real time; a bare rolling window of full batches takes ${bare.toFixed(0)} ms`)
  for (const [name, run] of Object.entries(patterns)) {
    const ms = await measure(() => run(texts))
    console.log(name.padEnd(36), `${ms.toFixed(0)} ms, ${(bare / ms).toFixed(3)} of the bare window`)
  }
}

/** What the pipeline itself costs, with an embedder that costs nothing. */
async function runInstant(): Promise<void> {
  const instant = { ...embedder, embed: (texts: readonly string[]) => ({ vectors: texts.map(() => vector) }) }
  console.log('\nAn embedder that takes no time')
  for (const round of [1, 2, 3]) {
    const texts = Array.from({ length: TEXTS }, (_, i) => `round ${round}, document number ${i}`)
    const many = await measure(() => embedMany(createEmbeddingPipeline({ embedder: instant }), texts, 'document'))
    const pipeline = createEmbeddingPipeline({ embedder: instant })
    const single = await measure(() => Promise.all(texts.map((text) => pipeline.embed(text, 'document'))))
    const each = (ms: number) => `${((ms * 1000) / TEXTS).toFixed(2)} µs a text`
    console.log(`round ${round}: embedMany ${each(many)}, embed ${each(single)}`)
  }
}

compareRules()
await runPipeline()
await runInstant()
