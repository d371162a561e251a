import type { PutManyDocument } from '@tandemstore/core'
import { seeded } from '../../../packages/core/bench/random.ts'

export const DIMENSIONS = 384
const CENTRES = 150
const TENANT_SIZE = 1000
/** A filter on one of so many groups passes 1 % of the documents. */
export const GROUPS = 100

const random = seeded(7)
const NOISE = 1_000_000
const noise = Float32Array.from({ length: NOISE + DIMENSIONS }, () => gaussian() / Math.sqrt(DIMENSIONS))
const centres = Array.from({ length: CENTRES }, () => unit(Float32Array.from({ length: DIMENSIONS }, gaussian)))

/** A vector of length 1 near one of 150 centres, as texts gather around topics. */
export function someVector(): Float32Array {
  const centre = centres[Math.floor(random() * CENTRES)] as Float32Array
  // Noise is cut out of random numbers, each time from another place.
  const from = Math.floor(random() * NOISE)
  const vector = new Float32Array(DIMENSIONS)
  for (let i = 0; i < DIMENSIONS; i += 1) vector[i] = (centre[i] as number) + (noise[from + i] as number)
  return unit(vector)
}

/** So many vectors in one array. */
export function makeVectors(count: number): Float32Array {
  const all = new Float32Array(count * DIMENSIONS)
  for (let i = 0; i < count; i += 1) all.set(someVector(), i * DIMENSIONS)
  return all
}

export function vectorAt(vectors: Float32Array, i: number): Float32Array {
  return vectors.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS)
}

export function tenantOf(i: number): string[] {
  return ['tenants', `t${Math.floor(i / TENANT_SIZE)}`]
}

/** Its text is its number, which the embedder knows the vector of. */
export function makeDocument(i: number): PutManyDocument<{ text: string; group: number; note: string }> {
  const note = 'It has about as many words as a paragraph has. '.repeat(6)
  return { namespace: tenantOf(i), key: `k${i}`, value: { text: String(i), group: i % GROUPS, note } }
}

function gaussian(): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function unit(vector: Float32Array): Float32Array {
  let squares = 0
  for (const each of vector) squares += each * each
  const length = Math.sqrt(squares)
  return vector.map((each) => each / length)
}
