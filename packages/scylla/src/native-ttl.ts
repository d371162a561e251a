/** The longest TTL that Cassandra and ScyllaDB take: 20 years. Seconds. */
const MAX_TTL = 630_720_000
/**
 * Cassandra up to 5 keeps the moment of expiry in 31 bits and refuses a later one. Minus a day for clock skew.
 * Seconds.
 */
const LAST_MOMENT = 2 ** 31 - 1 - 86_400

/**
 * How much later than the document the cell expires. The database counts whole seconds by its own clock: without the
 * margin a cell could go a second early, and earlier still where its clock is ahead (core allows 60 s). Seconds.
 */
const MARGIN = 61

/**
 * Seconds for `USING TTL`: the time left, rounded up, and the margin. The expiry in the row decides; the TTL only
 * cleans up. 0 means never: for rows that never expire, and for those that expire later than the database can count.
 */
export function nativeTtl(expiresAt: number | undefined, now: number): number {
  if (expiresAt === undefined) return 0
  const seconds = Math.max(0, Math.ceil((expiresAt - now) / 1000)) + MARGIN
  return seconds > MAX_TTL || now / 1000 + seconds > LAST_MOMENT ? 0 : seconds
}
