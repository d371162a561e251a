/** What the table is fitted to. */
export interface Lessons {
  /** The rows of each text's tokens. */
  readonly texts: readonly Int32Array[]
  /** The vector that each text should get, of length 1, one after another. */
  readonly targets: Float32Array
  readonly dimensions: number
}

export interface FitOptions {
  readonly epochs: number
  /** How far a row moves at first; less and less until the end. */
  readonly rate: number
  readonly onEpoch?: ((epoch: number, meanCosine: number) => void) | undefined
}

const batchSize = 128

/**
 * Moves the rows so that the normalised sum of a text's rows comes near its target: gradient descent on 1 - cosine, in batches, with a step for each row that
 * shrinks as the row has moved (Adagrad, one number a row). The order of texts comes from a fixed seed, so the same lessons give the same rows.
 */
export function fitRows(rows: Float32Array, { texts, targets, dimensions }: Lessons, options: FitOptions): void {
  const { epochs, rate, onEpoch } = options
  const moved = new Float64Array(rows.length / dimensions)
  const order = Uint32Array.from(texts, (_, i) => i)
  const random = generator(1)
  const batches = Math.floor(texts.length / batchSize)
  const batch = createBatch(dimensions)
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random)
    let cosines = 0
    for (let at = 0; at < batches; at++) {
      const step = rate * (1 - (epoch * batches + at) / (epochs * batches))
      const chosen = order.subarray(at * batchSize, (at + 1) * batchSize)
      cosines += batch.forward(rows, texts, targets, chosen)
      move(rows, moved, batch.backward(texts, chosen), step, dimensions)
    }
    onEpoch?.(epoch, cosines / (batches * batchSize))
  }
}

function createBatch(dimensions: number) {
  const vectors = new Float32Array(batchSize * dimensions)
  const gradients = new Float32Array(batchSize * dimensions)
  const lengths = new Float64Array(batchSize)

  return {
    /** The vectors of the texts, and how each should change. Returns the sum of their cosines with the targets. */
    forward(rows: Float32Array, texts: readonly Int32Array[], targets: Float32Array, chosen: Uint32Array): number {
      let cosines = 0
      vectors.fill(0)
      for (let a = 0; a < batchSize; a++) {
        const at = a * dimensions
        const target = chosen[a] * dimensions
        for (const row of texts[chosen[a]]) {
          const start = row * dimensions
          for (let i = 0; i < dimensions; i++) vectors[at + i] += rows[start + i]
        }
        let squares = 0
        for (let i = 0; i < dimensions; i++) squares += vectors[at + i] * vectors[at + i]
        const length = Math.sqrt(squares) || 1
        lengths[a] = length
        for (let i = 0; i < dimensions; i++) {
          vectors[at + i] /= length
          gradients[at + i] = -targets[target + i]
          cosines += vectors[at + i] * targets[target + i]
        }
      }
      return cosines
    },

    /** The gradient of each row that the texts have. What only changes a text's length is left out. */
    backward(texts: readonly Int32Array[], chosen: Uint32Array): Map<number, Float32Array> {
      const ofRows = new Map<number, Float32Array>()
      for (let a = 0; a < batchSize; a++) {
        const at = a * dimensions
        let along = 0
        for (let i = 0; i < dimensions; i++) along += gradients[at + i] * vectors[at + i]
        for (let i = 0; i < dimensions; i++)
          gradients[at + i] = (gradients[at + i] - along * vectors[at + i]) / lengths[a] / batchSize
        for (const row of texts[chosen[a]]) {
          let sum = ofRows.get(row)
          if (sum === undefined) {
            sum = new Float32Array(dimensions)
            ofRows.set(row, sum)
          }
          for (let i = 0; i < dimensions; i++) sum[i] += gradients[at + i]
        }
      }
      return ofRows
    },
  }
}

function move(
  rows: Float32Array,
  moved: Float64Array,
  gradients: ReadonlyMap<number, Float32Array>,
  rate: number,
  dimensions: number,
): void {
  for (const [row, gradient] of gradients) {
    let squares = 0
    for (const each of gradient) squares += each * each
    if (squares === 0) continue
    moved[row] += squares
    const step = rate / Math.sqrt(moved[row])
    const start = row * dimensions
    for (let i = 0; i < dimensions; i++) rows[start + i] -= step * gradient[i]
  }
}

function shuffle(order: Uint32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random() % (i + 1)
    const kept = order[i]
    order[i] = order[j]
    order[j] = kept
  }
}

/** xorshift32. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}
