/** The longest TTL that Cassandra and ScyllaDB take: 20 years. Seconds. */
const MAX_TTL = 630_720_000
/** Cassandra up to 5 keeps the moment of expiry in 31 bits and refuses a later one; a day is left for clocks that differ. Seconds. */
const LAST_MOMENT = 2 ** 31 - 1 - 86_400

/**
 * Seconds for `USING TTL`: rounded up and at least 1, as 0 means never. 0 for what never expires, and for what expires too late for
 * the database: the expiry in the row counts all the same, only the clearing up is left out.
 */
export function nativeTtl(expiresAt: number | undefined, now: number): number {
  if (expiresAt === undefined) return 0
  const seconds = Math.max(1, Math.ceil((expiresAt - now) / 1000))
  return seconds > MAX_TTL || now / 1000 + seconds > LAST_MOMENT ? 0 : seconds
}
