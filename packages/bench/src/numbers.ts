/** Three digits that count, such as `1,230` or `0.0456`. */
export function short(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}

/** A whole number with separators; others are rounded. */
export function count(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 0 })
}

export function isWholeNumber(value: unknown, least: number, most: number = Number.MAX_SAFE_INTEGER): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
}

/** Infinity is no number here, but may be the upper bound. */
export function isNumberFrom(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most
}
