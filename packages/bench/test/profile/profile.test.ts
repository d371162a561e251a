import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import type { Embedder } from '@tandemstore/core/adapter'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runProfile } from '../../src/profile/profile.js'
import { syntheticTexts } from '../../src/workload/texts.js'
import { embedder } from '../embedder.js'
import { workload } from '../workload.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const EMBED_MS = 15
/** A model that takes its time. */
const slow: Embedder = {
  ...embedder,
  embed: async (texts, call) => {
    await setTimeout(EMBED_MS, undefined, { signal: call.signal })
    return embedder.embed(texts, call)
  },
}

it('says of a put and of a search where the time goes', async () => {
  const place = { kind: 'sqlite', collection: 'bench', path: join(folder, 'own.db') } as const
  const report = await runProfile({ ...workload({ place, embedder: slow }), documents: 40, operations: 12 })
  const [put, search] = report.operations
  expect(put?.phases.map(({ phase }) => phase)).toEqual([
    'validate',
    'KV write',
    'cache',
    'embed wait',
    'embed',
    'index write',
    'KV read',
    'other',
  ])
  expect(search?.phases.map(({ phase }) => phase)).toEqual([
    'validate',
    'cache',
    'embed wait',
    'embed',
    'index query',
    'hydrate',
    'other',
  ])
  for (const { operation, latency, phases, timeline } of report.operations) {
    expect(latency.count).toBe(12)
    // One after the other, so that they add up to the whole.
    expect(phases.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 1)
    const embed = phases.find(({ phase }) => phase === 'embed')
    // A timer may end a millisecond early.
    expect(embed?.latency.p50).toBeGreaterThan(EMBED_MS - 2)
    expect(embed?.share).toBeLessThan(1)
    expect(timeline.operation).toBe(operation)
    expect(timeline.durationMs).toBeGreaterThanOrEqual(latency.p50 - 0.001)
    let before = 0
    for (const { startMs, endMs } of timeline.phases) {
      expect(startMs).toBeGreaterThanOrEqual(before)
      expect(endMs).toBeGreaterThanOrEqual(startMs)
      expect(endMs).toBeLessThanOrEqual(timeline.durationMs)
      before = startMs
    }
  }
  expect(report.conclusion).toMatch(/^A put takes .* embed .*A search takes .* embed /)
  expect(report.stats.documents).toMatchObject({ put: 40 + 12 + 10 })
  expect(await readdir(folder)).toEqual([])
})

it('embeds each query it searches for, also where there are few', async () => {
  const few = { ...syntheticTexts(1), name: 'few', queryCount: 8 }
  const texts = { ...few, query: (number: number) => few.query(number % 8) }
  const report = await runProfile({ ...workload({ embedder: slow, texts }), documents: 2, operations: 6 })
  const [put, search] = report.operations
  expect([put?.latency.count, search?.latency.count]).toEqual([6, 4])
  expect(search?.phases.find(({ phase }) => phase === 'embed')?.latency.count).toBe(4)
  expect(search?.phases.find(({ phase }) => phase === 'embed')?.latency.p50).toBeGreaterThan(EMBED_MS - 2)
  expect(report.warnings).toContain('few has 8 queries: 8 searches are made instead of 16')
})

it('refuses where somebody else traces, and leaves that as it is; ends its own tracing', async () => {
  const theirs = new TracerProvider({ spanProcessors: [] })
  trace.setGlobalTracerProvider(theirs)
  const run = () => runProfile({ ...workload(), documents: 2, operations: 2 })
  await expect(run()).rejects.toMatchObject({ code: 'CONFIGURATION' })
  trace.disable()
  await run()
  expect(trace.setGlobalTracerProvider(theirs)).toBe(true)
  trace.disable()
})
