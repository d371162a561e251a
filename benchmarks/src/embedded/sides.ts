import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DIMENSIONS } from './data.ts'

/** The nearest of some vectors, by their numbers, the best first. */
export interface Side {
  search(vector: Float32Array, limit: number): Promise<number[]> | number[]
  close?(): void
}

/** A plain loop in JavaScript over one Float32Array. Vectors have length 1, so that their products are cosines. */
export function plainLoop(vectors: Float32Array): Side {
  return {
    search(vector, limit) {
      const best: { readonly i: number; readonly score: number }[] = []
      let least = Number.NEGATIVE_INFINITY
      for (let i = 0, at = 0; at < vectors.length; i += 1, at += DIMENSIONS) {
        let score = 0
        for (let d = 0; d < DIMENSIONS; d += 1) score += (vectors[at + d] as number) * (vector[d] as number)
        if (score <= least) continue
        best.push({ i, score })
        best.sort((a, b) => b.score - a.score)
        if (best.length > limit) best.pop()
        if (best.length === limit) least = best.at(-1)?.score ?? least
      }
      return best.map(({ i }) => i)
    },
  }
}

interface Usearch {
  exactSearch(
    ...args: [
      data: Float32Array,
      query: Float32Array,
      dimensions: number,
      limit: number,
      metric: string,
      threads: number,
    ]
  ): { readonly keys: BigUint64Array }
  readonly MetricKind: { readonly Cos: string }
}

/** usearch's exact search over packed floats, on one thread as the others. */
export async function usearchExact(vectors: Float32Array): Promise<Side> {
  const { exactSearch, MetricKind } = (await load('usearch')) as Usearch
  return {
    search: (vector, limit) =>
      Array.from(exactSearch(vectors, vector, DIMENSIONS, limit, MetricKind.Cos, 1).keys, Number),
  }
}

interface LanceTable {
  add(rows: readonly object[]): Promise<unknown>
  search(vector: Float32Array): {
    distanceType(type: 'cosine'): {
      select(columns: string[]): { limit(count: number): { toArray(): Promise<{ id: number }[]> } }
    }
  }
}
interface LanceDb {
  connect(path: string): Promise<{ createTable(name: string, rows: readonly object[]): Promise<LanceTable> }>
}

/** LanceDB's search without an index, from a folder where it is installed. */
export async function lanceFlat(vectors: Float32Array, folder: string): Promise<Side> {
  const { connect } = (await load('@lancedb/lancedb', folder)) as LanceDb
  const directory = mkdtempSync(join(tmpdir(), 'tandem-lance-'))
  const db = await connect(directory)
  const rows = (from: number, to: number): object[] =>
    Array.from({ length: to - from }, (_, i) => ({
      id: from + i,
      vector: Array.from(vectors.subarray((from + i) * DIMENSIONS, (from + i + 1) * DIMENSIONS)),
    }))
  const count = vectors.length / DIMENSIONS
  const step = 10_000
  const table = await db.createTable('points', rows(0, Math.min(step, count)))
  for (let from = step; from < count; from += step) await table.add(rows(from, Math.min(from + step, count)))
  return {
    async search(vector, limit) {
      const found = await table.search(vector).distanceType('cosine').select(['id', '_distance']).limit(limit).toArray()
      return found.map(({ id }) => Number(id))
    },
    close: () => rmSync(directory, { recursive: true }),
  }
}

async function load(name: string, folder?: string): Promise<unknown> {
  const from = folder === undefined ? import.meta.url : pathToFileURL(join(resolve(folder), 'package.json'))
  const module = await import(pathToFileURL(createRequire(from).resolve(name)).href)
  return module.default ?? module
}
