/** Counts what is odd but no error, by what is said of it. */
export interface Warnings {
  count(what: string, times?: number): void
  /** `12 documents are empty …`, in the order in which they were first counted. */
  readonly texts: string[]
}

export function createWarnings(): Warnings {
  const counts = new Map<string, number>()
  return {
    count: (what, times = 1) => void (times > 0 && counts.set(what, (counts.get(what) ?? 0) + times)),
    get texts() {
      return [...counts].map(([what, times]) => `${times} ${what}`)
    },
  }
}
