/** Milliseconds on the clock and of the processor, all threads together. */
export interface Time {
  readonly wall: number
  readonly cpu: number
}

export async function time(body: () => unknown): Promise<Time> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await body()
  const wall = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { wall, cpu: (user + system) / 1000 }
}

export function medians(times: readonly Time[]): Time {
  return { wall: median(times.map(({ wall }) => wall)), cpu: median(times.map(({ cpu }) => cpu)) }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >>> 1] as number
}

export function round(value: number): number {
  return Math.round(value * 100) / 100
}
