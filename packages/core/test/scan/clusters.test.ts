import { describe, expect, test } from 'vitest'
import { Clusters } from '../../src/scan/clusters.js'
import { findNearest } from '../../src/scan/nearest.js'
import { PackedVectors } from '../../src/scan/packed-vectors.js'
import { exactScore } from '../../src/scan/score.js'

const DIMENSIONS = 24
const ROWS = 12_000

let state = 1
function noise(): number {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31
  return state / 2 ** 31 - 0.5
}
const vectorOf = (centre?: Float32Array, size = 1): Float32Array =>
  Float32Array.from({ length: DIMENSIONS }, (_, i) => (centre?.[i] ?? 0) + size * noise())
const centres = Array.from({ length: 100 }, () => vectorOf())
const near = (i: number): Float32Array => vectorOf(centres[i % 100], 0.7)

function make() {
  const vectors: (Float32Array | undefined)[] = Array.from({ length: ROWS }, (_, i) => near(i))
  const packed = new PackedVectors('cosine', DIMENSIONS)
  for (const [row, vector] of vectors.entries()) packed.set(row, vector as Float32Array)
  const clusters = new Clusters(packed)
  const finish = (): void => {
    while (!clusters.done) clusters.step(100)
  }
  const find = (vector: Float32Array, rows?: Uint32Array): number[] =>
    findNearest(packed, {
      vector,
      documents: 10,
      minScore: Number.NEGATIVE_INFINITY,
      rows,
      documentOf: (row) => (vectors[row] === undefined ? undefined : row),
      score: (some) =>
        some
          .map((row) => ({ row, score: exactScore('cosine', vector, vectors[row] as Float32Array) }))
          .sort((a, b) => b.score - a.score || a.row - b.row),
    })
      .slice(0, 10)
      .map(({ row }) => row)
  const set = (row: number, vector: Float32Array | undefined): void => {
    vectors[row] = vector
    if (vector === undefined) packed.clear(row)
    else packed.set(row, vector)
    clusters.changed(row)
  }
  return { clusters, finish, find, set }
}

describe('clusters', () => {
  test('are not used before they are made', () => {
    const { clusters, finish } = make()
    expect(clusters.near(near(1))).toBeUndefined()
    finish()
    expect(clusters.near(near(1))?.length).toBeGreaterThan(0)
  })

  test('hold nearly all of the nearest in the part that is looked at', () => {
    const { clusters, finish, find } = make()
    finish()
    let found = 0
    for (let i = 0; i < 100; i += 1) {
      const asked = near(i)
      const rows = clusters.near(asked) as Uint32Array
      expect(rows.length).toBeLessThan(ROWS / 2)
      const exact = new Set(find(asked))
      found += find(asked, rows).filter((row) => exact.has(row)).length
    }
    expect(found).toBeGreaterThan(950)
  })

  test('are looked at as widely while rows wait to be grouped', () => {
    const { clusters, finish, find, set } = make()
    finish()
    const asked = near(7)
    const exact = find(asked)
    const before = clusters.near(asked) as Uint32Array
    // As many as a search looks at, and far away from what is asked.
    const opposite = asked.map((each) => -each)
    for (let i = 0; i < ROWS / 10; i += 1) set(ROWS + i, opposite)
    const rows = clusters.near(asked) as Uint32Array
    expect(rows.length).toBeGreaterThanOrEqual(before.length + ROWS / 10)
    expect(find(asked, rows)).toEqual(find(asked, before))
    expect(find(asked, rows).filter((row) => exact.includes(row)).length).toBeGreaterThan(8)
  })

  test('follow rows that are replaced, cleared and added, before and after they are grouped again', () => {
    const { clusters, finish, find, set } = make()
    finish()
    const asked = vectorOf()
    const opposite = asked.map((each) => -each)
    const [first] = find(asked)
    for (const group of [() => {}, finish]) {
      for (const row of [5, ROWS + 10]) {
        set(row, asked)
        group()
        expect(find(asked, clusters.near(asked))[0]).toBe(row)
        set(row, opposite)
        group()
        expect(clusters.near(opposite)).toContain(row)
        expect(find(asked, clusters.near(asked))).not.toContain(row)
        set(row, undefined)
        group()
        expect(find(asked, clusters.near(asked))[0]).toBe(first)
      }
    }
  })

  test('keep no more rows than there are, however often one changes', () => {
    const { clusters, finish, set } = make()
    finish()
    const asked = near(3)
    const before = clusters.near(asked)?.length as number
    for (let i = 0; i < 500; i += 1) {
      set(3, near(i))
      finish()
    }
    const rows = clusters.near(asked) as Uint32Array
    expect(rows.length).toBeLessThan(2 * before)
    expect(new Set(rows).size).toBe(rows.length)
  })
})
