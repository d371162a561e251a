/*
 * Brings many documents from an async iterable into a store, and prints as JSON what memory that took: `node
 * --expose-gc bench/ingest.ts background|manual <documents>`. A program of its own, so that nothing but the ingest is
 * in its memory.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createStore } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import { round } from './measure.ts'
import { instantEmbedder, makeDocument } from './store-parts.ts'

/**
 * Few dimensions and short texts, so that it is quick: what is held for each document in memory does not depend on
 * them.
 */
const DIMENSIONS = 32
const DOCUMENT_BYTES = 200
const SAMPLES = 10

export interface IngestResult {
  readonly seconds: number
  readonly samples: readonly Sample[]
  /** The longest that the event loop was held, milliseconds, without the garbage collections that the samples force. */
  readonly longestDelayMs: number
}

export interface Sample {
  readonly phase: 'write' | 'flush'
  /** Documents taken from the iterable or, in a flush, embedded. */
  readonly documents: number
  /** After a full garbage collection. The resident set has all threads, and the page cache of SQLite. */
  readonly rssMiB: number
  readonly heapMiB: number
}

const [mode, documents] = [process.argv[2], Number(process.argv[3])]
if ((mode !== 'background' && mode !== 'manual') || !(documents >= SAMPLES)) {
  throw new Error('Expected background or manual, and a number of documents')
}
const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'))
try {
  process.stdout.write(`${JSON.stringify(await ingest(mode, documents))}\n`)
} finally {
  rmSync(directory, { recursive: true })
}

async function ingest(sync: 'background' | 'manual', count: number): Promise<IngestResult> {
  const samples: Sample[] = []
  const loop = monitorEventLoopDelay({ resolution: 1 })
  let longest = 0
  const sample = (phase: Sample['phase'], done: number): void => {
    longest = Math.max(longest, loop.max)
    loop.disable()
    if (globalThis.gc === undefined) throw new Error('node --expose-gc is needed')
    globalThis.gc()
    const { rss, heapUsed } = process.memoryUsage()
    samples.push({ phase, documents: done, rssMiB: round(rss / 2 ** 20), heapMiB: round(heapUsed / 2 ** 20) })
    // Begins anew, with nothing measured.
    loop.enable()
  }
  const every = Math.floor(count / SAMPLES)
  const embedder = instantEmbedder(DIMENSIONS)
  let flushing = false
  let embedded = 0
  const watched: Embedder = {
    ...embedder,
    embed(texts, options) {
      const before = embedded
      embedded += texts.length
      if (flushing && Math.floor(embedded / every) > Math.floor(before / every)) sample('flush', embedded)
      return embedder.embed(texts, options)
    },
  }
  const store = await createStore({
    collection: 'bench',
    ...sqlite({ path: join(directory, 'ingest.db') }),
    embedder: watched,
    index: { fields: ['text'] },
    sync,
  })
  loop.enable()
  const start = performance.now()
  const { written, indexed } = await store.putMany(
    (async function* () {
      for (let i = 1; i <= count; i += 1) {
        yield makeDocument(i, DOCUMENT_BYTES)
        if (i % every === 0) sample('write', i)
      }
    })(),
  )
  flushing = sync === 'manual'
  if (flushing) await store.flush()
  if (written !== count || (await indexed) !== count) throw new Error('Not every document is searchable')
  const seconds = round((performance.now() - start) / 1000)
  longest = Math.max(longest, loop.max)
  loop.disable()
  await store.close()
  return { seconds, samples, longestDelayMs: round(longest / 1e6) }
}
