import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/random.js'
import type { StressOperation } from '../../src/result.js'
import { driftOf } from '../../src/stress/drift.js'
import { mix, nextStep } from '../../src/stress/mix.js'
import { runStress } from '../../src/stress/stress.js'
import { embedder } from '../embedder.js'
import { quietProgress, workload } from '../workload.js'

const options = { documents: 30, concurrency: 8, durationMs: 400 }
const names: readonly StressOperation[] = ['put', 'get', 'delete', 'search']

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe.each(['memory', 'sqlite'] as const)('on %s', (kind) => {
  it('does all kinds of operations at once, without an error, and finds no drift', async () => {
    const place = { kind, collection: 'bench', path: join(folder, 'own.db') }
    const report = await runStress({ ...workload({ place }), ...options })
    let operations = 0
    for (const name of names) {
      const { latency, errors } = report.operations[name]
      expect(latency.count).toBeGreaterThan(0)
      expect(latency.p50).toBeGreaterThan(0)
      expect(latency.max).toBeGreaterThanOrEqual(latency.p99)
      expect(errors).toBe(0)
      operations += latency.count
    }
    expect(report.throughput.at(-1)).toMatchObject({ documents: operations })
    const took = report.throughput.at(-1)?.atMs ?? 0
    expect(took).toBeGreaterThanOrEqual(options.durationMs)
    expect(report.operationsPerSecond).toBeCloseTo((operations * 1000) / took, 6)
    expect(report).toMatchObject({ errors: {}, warnings: [], documents: 30, concurrency: 8 })
    expect(driftOf(report.verify)).toBe(0)
    expect(report.verify.checked).toBeGreaterThan(0)
    expect(report.verify.checked).toBeLessThanOrEqual(30)
    expect(report.conclusion).toContain('without an error')
    expect(await readdir(folder)).toEqual([])
  })
})

it('counts errors by operation and code, with an example, and goes on', async () => {
  const failing: Embedder = {
    ...embedder,
    embed: (texts, call) => {
      if (call.purpose === 'query') throw new StoreError('EMBEDDING_FAILED', 'no queries, please')
      // Of the first documents none, so that the store can be filled.
      if (texts.some((text) => /^Note (?:7\d|8\d|9\d)\./.test(text)))
        throw new StoreError('EMBEDDING_FAILED', 'refused for its content')
      return embedder.embed(texts, call)
    },
  }
  const report = await runStress({ ...workload({ embedder: failing }), ...options })
  const { put, get, search } = report.operations
  expect(search).toMatchObject({ latency: { count: 0 } })
  expect(search.errors).toBeGreaterThan(0)
  expect(put.errors).toBeGreaterThan(0)
  const counted = Object.values(report.errors).reduce((sum, each) => sum + each, 0)
  expect(counted).toBe(search.errors + put.errors)
  expect(report.errors.EMBEDDING_FAILED).toBeGreaterThan(0)
  expect(get.errors).toBe(0)
  expect(get.latency.count).toBeGreaterThan(0)
  expect(report.warnings.map((warning) => warning.split(',')[0]).sort()).toEqual(Object.keys(report.errors).sort())
  expect(report.warnings).toContainEqual(expect.stringMatching(/^EMBEDDING_FAILED, for instance of a (search|put): ./))
  expect(report.conclusion).toMatch(/with [\d,]+ errors/)
})

it('hurries no write, as if nobody waited for it', async () => {
  let [calls, texts] = [0, 0]
  const counting: Embedder = {
    ...embedder,
    embed: (batch, call) => {
      if (call.purpose === 'document') {
        calls += 1
        texts += batch.length
      }
      return embedder.embed(batch, call)
    },
  }
  // One worker, so that writes come one by one.
  await runStress({ ...workload({ embedder: counting }), ...options, documents: 200, concurrency: 1 })
  // Hurried, each put would be a call of its own.
  expect(texts).toBeGreaterThan(5 * calls)
})

it('finds drift', async () => {
  const path = join(folder, 'own.db')
  // As another program would, behind the store's back and at the last moment.
  const progress = quietProgress((title) => {
    if (title !== 'Comparing documents and vectors') return
    const handle = new DatabaseSync(path)
    handle.exec('DELETE FROM document WHERE id IN (SELECT id FROM document LIMIT 3)')
    handle.close()
  })
  const place = { kind: 'sqlite', collection: 'bench', path } as const
  const report = await runStress({ ...workload({ place, progress }), ...options })
  expect(report.verify).toMatchObject({ orphaned: 3, missing: 0, stale: 0 })
  expect(report.conclusion).toContain('3 of')
  expect(await readdir(folder)).toEqual([])
})

it('stops when it is told to', async () => {
  const stop = new AbortController()
  const progress = {
    ...quietProgress(),
    update: (done: number) => {
      if (done > 0.1 && done < 1) stop.abort(new Error('enough'))
    },
  }
  const place = { kind: 'sqlite', collection: 'bench', path: join(folder, 'own.db') } as const
  const running = runStress({ ...workload({ place, progress, signal: stop.signal }), ...options, durationMs: 60_000 })
  await expect(running).rejects.toThrow('enough')
  expect(await readdir(folder)).toEqual([])
})

it('mixes operations by the seed, in the shares that are meant', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed, 'test')
    return Array.from({ length: 20_000 }, () => nextStep(random, 100))
  }
  const steps = draw(7)
  expect(steps).toEqual(draw(7))
  expect(steps).not.toEqual(draw(8))
  for (const [operation, percent] of mix) {
    const share = steps.filter((step) => step.operation === operation).length / steps.length
    expect(Math.abs(share - percent / 100)).toBeLessThan(0.015)
  }
  expect(new Set(steps.map(({ document }) => document)).size).toBe(100)
})

it('searches in every mode where there are words, whose index agrees with the documents', async () => {
  const report = await runStress({ ...workload({ keywords: { language: 'english' } }), ...options })
  const { vector, keyword, hybrid } = report.searches ?? {}
  const counts = [vector, keyword, hybrid].map((each) => each?.count ?? 0)
  expect(Math.min(...counts)).toBeGreaterThan(0)
  expect(counts.reduce((sum, each) => sum + each)).toBe(report.operations.search.latency.count)
  expect(report.errors).toEqual({})
  expect(driftOf(report.verify)).toBe(0)
})
