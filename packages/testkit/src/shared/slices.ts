/** What the suites send in one call where the size is not what they test; every adapter has to take so many. */
export const SLICE = 50

export function slices<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / SLICE) }, (_, i) => items.slice(i * SLICE, (i + 1) * SLICE))
}
