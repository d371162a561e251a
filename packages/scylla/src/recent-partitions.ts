/** Partitions that are remembered for a minute. Beyond it, the minute ends early. */
const REMEMBERED = 100_000

/** Partitions that were written to in this minute or the one before. */
export interface RecentPartitions {
  /** Notes a write to a partition. Gives whether there was one before. */
  note(partition: string): boolean
}

export function makeRecentPartitions(): RecentPartitions {
  let minute = 0
  let current = new Set<string>()
  let last = new Set<string>()
  return {
    note(partition) {
      const now = Math.floor(Date.now() / 60_000)
      if (now !== minute || current.size >= REMEMBERED) {
        last = now - minute > 1 ? new Set() : current
        current = new Set()
        minute = now
      }
      const was = current.has(partition) || last.has(partition)
      current.add(partition)
      return was
    },
  }
}
