/** Points of a plane, x and y in turn, and the shares of the variance that they show. */
export interface Projection {
  readonly coordinates: Float32Array
  readonly shares: readonly [number, number]
}

const ITERATIONS = 60
/** The direction has settled when it turns by less. */
const SETTLED = 1e-6
/** Of squared lengths. */
const ROUNDING = 1e-20

/**
 * The first two principal components of rows of `dimensions` numbers, by power iteration on the centred rows: the
 * covariance, which would be large, is never made. Ends the same way each time.
 */
export function principalComponents(rows: Float32Array, dimensions: number): Projection {
  const count = dimensions === 0 ? 0 : rows.length / dimensions
  const centred = centre(rows, count, dimensions)
  const variance = centred.reduce((sum, value) => sum + value * value, 0)
  const coordinates = new Float32Array(2 * count)
  const shares: [number, number] = [0, 0]
  const found: Float64Array[] = []
  for (const axis of [0, 1] as const) {
    const direction = leadingDirection(centred, count, dimensions, found)
    found.push(direction)
    const along = project(centred, count, dimensions, direction)
    along.forEach((value, i) => {
      coordinates[2 * i + axis] = value
    })
    shares[axis] = variance === 0 ? 0 : along.reduce((sum, value) => sum + value * value, 0) / variance
  }
  return { coordinates, shares }
}

function centre(rows: Float32Array, count: number, dimensions: number): Float64Array {
  const mean = new Float64Array(dimensions)
  for (let i = 0; i < rows.length; i += 1) mean[i % dimensions] = at(mean, i % dimensions) + at(rows, i) / count
  return Float64Array.from(rows, (value, i) => value - at(mean, i % dimensions))
}

/** Of the greatest variance among those at right angles to the ones found. */
function leadingDirection(
  rows: Float64Array,
  count: number,
  dimensions: number,
  found: readonly Float64Array[],
): Float64Array {
  // Any start that is not by chance at right angles to the answer; the same each time.
  let direction = normalised(
    without(
      Float64Array.from({ length: dimensions }, (_, i) => 1 + Math.sin(i + 1)),
      found,
    ),
  )
  for (let i = 0; i < ITERATIONS; i += 1) {
    const along = project(rows, count, dimensions, direction)
    const next = new Float64Array(dimensions)
    for (let row = 0; row < count; row += 1) {
      const weight = at(along, row)
      for (let d = 0; d < dimensions; d += 1) next[d] = at(next, d) + weight * at(rows, row * dimensions + d)
    }
    const turned = normalised(without(next, found))
    const moved = 1 - Math.abs(dot(turned, direction))
    direction = turned
    if (moved < SETTLED) break
  }
  return direction
}

function project(rows: Float64Array, count: number, dimensions: number, direction: Float64Array): Float64Array {
  const along = new Float64Array(count)
  for (let row = 0; row < count; row += 1) {
    let sum = 0
    for (let d = 0; d < dimensions; d += 1) sum += at(rows, row * dimensions + d) * at(direction, d)
    along[row] = sum
  }
  return along
}

/** What is left of a vector at right angles to others: nothing where it is no more than the error of rounding. */
function without(vector: Float64Array, others: readonly Float64Array[]): Float64Array {
  const before = dot(vector, vector)
  for (const other of others) {
    const share = dot(vector, other)
    for (let d = 0; d < vector.length; d += 1) vector[d] = at(vector, d) - share * at(other, d)
  }
  return dot(vector, vector) <= ROUNDING * before ? vector.fill(0) : vector
}

/** As it is where it has no length. */
function normalised(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector))
  return length === 0 ? vector : vector.map((value) => value / length)
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let d = 0; d < a.length; d += 1) sum += at(a, d) * at(b, d)
  return sum
}

function at(values: Float32Array | Float64Array, index: number): number {
  return values[index] as number
}
