import type { Random } from '../random.js'
import type { StressOperation } from '../result.js'

/** What one worker does next, and to which document. */
export interface Step {
  readonly operation: StressOperation
  readonly document: number
  /** In [0, 1): which text is put or searched for. */
  readonly text: number
}

/** In percent. Five puts for a delete, so that about five in six of the documents are there. */
export const mix: readonly (readonly [StressOperation, number])[] = [
  ['get', 45],
  ['search', 25],
  ['put', 25],
  ['delete', 5],
]

export function nextStep(random: Random, documents: number): Step {
  let left = random.integer(100)
  const [operation] = mix.find(([, percent]) => {
    left -= percent
    return left < 0
  }) ?? ['get' as const]
  return { operation, document: random.integer(documents), text: random.fraction() }
}
