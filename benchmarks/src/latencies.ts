/** Milliseconds of each call of one side, in ascending order. */
export type Latencies = readonly number[]

/** The nearest-rank percentile. */
export function percentile(sorted: Latencies, percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN
}

/**
 * Makes one call of each side in turn, so that what else the machine does falls on all of them alike. The order turns round each time, as
 * a call may profit from the one before. The first fifth warms up.
 */
export async function inTurns<Side extends string>(
  rounds: number,
  sides: Readonly<Record<Side, (round: number) => Promise<unknown>>>,
): Promise<Record<Side, Latencies>> {
  const names = Object.keys(sides) as Side[]
  const taken = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Side, number[]>
  for (let round = -Math.ceil(rounds / 5); round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const start = performance.now()
      await sides[name](Math.abs(round))
      const ms = performance.now() - start
      if (round >= 0) taken[name].push(ms)
    }
  }
  for (const name of names) taken[name].sort((a, b) => a - b)
  return taken
}
