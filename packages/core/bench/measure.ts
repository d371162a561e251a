/** One line of the result. `ratio` is what is promised about; both sides are measured in this run. */
export interface Measurement {
  readonly name: string
  /** What Tandem did, and in what unit. */
  readonly tandem: number
  /** The bare thing it is compared with. */
  readonly bare: number
  readonly unit: string
  readonly ratio: number
  readonly promise: string
  readonly kept: boolean
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** Milliseconds that a call takes. */
export async function timed(call: () => unknown): Promise<number> {
  const start = performance.now()
  await call()
  return performance.now() - start
}

/**
 * Runs two things in turn, so that a machine whose speed drifts slows both, and gives the median of each. Two rounds
 * warm up.
 */
export async function compare(
  rounds: number,
  tandem: () => Promise<number>,
  bare: () => Promise<number>,
): Promise<{ readonly tandem: number; readonly bare: number }> {
  const results: { readonly tandem: number; readonly bare: number }[] = []
  for (let round = -2; round < rounds; round += 1) {
    globalThis.gc?.()
    const b = await bare()
    globalThis.gc?.()
    const t = await tandem()
    if (round >= 0) results.push({ tandem: t, bare: b })
  }
  return { tandem: median(results.map((result) => result.tandem)), bare: median(results.map((result) => result.bare)) }
}

/** `at least`: more is better, as of throughputs. `at most`: less is better, as of costs. */
export function measurement(
  name: string,
  { tandem, bare }: { readonly tandem: number; readonly bare: number },
  unit: string,
  promise: { readonly atLeast: number } | { readonly atMost: number },
): Measurement {
  const ratio = tandem / bare
  const kept = 'atLeast' in promise ? ratio >= promise.atLeast : ratio <= promise.atMost
  return {
    name,
    tandem,
    bare,
    unit,
    ratio,
    promise: 'atLeast' in promise ? `≥ ${promise.atLeast}` : `≤ ${promise.atMost}`,
    kept,
  }
}
