const rfc3339 = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2}))?$/

/**
 * An RFC 3339 date-time, or full-date (midnight UTC), as milliseconds since the Unix epoch; finer digits are cut off.
 * `undefined` for any other text, and for a day that does not exist.
 */
export function parseInstant(text: string): number | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [, date, time = '00:00:00', fraction = '', zone = 'Z'] = match
  const midnight = Date.parse(`${date}T00:00:00Z`)
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) return undefined
  const instant = Date.parse(`${date}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}${zone.toUpperCase()}`)
  return Number.isNaN(instant) ? undefined : instant
}
