/** The longest TTL that Cassandra and ScyllaDB take: 20 years. Seconds. */
const MAX_TTL = 630_720_000
/** Cassandra up to 5 keeps the moment of expiry in 31 bits and refuses a later one; a day is left for clocks that differ. Seconds. */
const LAST_MOMENT = 2 ** 31 - 1 - 86_400

/**
 * How much later than the document the database clears up. It counts from the cut-off second of its own clock, so that without this
 * it would take a document up to a second too early, and by as much more as its clock is ahead (core refuses more than 60 s). Seconds.
 */
const MARGIN = 61

/**
 * Seconds for `USING TTL`: the time left, rounded up, and the margin, as the expiry in the row is what counts and this only clears up. 0, for
 * never, for what never expires, and for what expires too late for the database.
 */
export function nativeTtl(expiresAt: number | undefined, now: number): number {
  if (expiresAt === undefined) return 0
  const seconds = Math.max(0, Math.ceil((expiresAt - now) / 1000)) + MARGIN
  return seconds > MAX_TTL || now / 1000 + seconds > LAST_MOMENT ? 0 : seconds
}
