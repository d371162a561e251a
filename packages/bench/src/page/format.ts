/** A measured number with three significant digits, and with separators from a thousand on. */
export function number(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en-US')
  if (size >= 10) return value.toFixed(1)
  if (size >= 1) return value.toFixed(2)
  if (size === 0) return '0'
  return size >= 1e-4 ? value.toPrecision(3) : value.toExponential(1)
}

/** A round number, such as those along an axis: no zeros at its end. */
export function round(value: number): string {
  return trim(number(value))
}

function trim(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
}

export function integer(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** A score between 0 and 1. */
export function score(value: number): string {
  return value.toFixed(3)
}

export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`
}

export function percent(value: number): string {
  const points = value * 100
  return `${points !== 0 && Math.abs(points) < 10 ? points.toFixed(1) : Math.round(points)} %`
}

export function pValue(value: number): string {
  return value < 0.001 ? '< 0.001' : value.toFixed(3)
}

/** A latency: microseconds, milliseconds or seconds, whichever reads best. `digits` writes the number. */
export function milliseconds(ms: number, digits: (value: number) => string = number): string {
  if (ms === 0) return '0 ms'
  if (ms < 0.1) return `${digits(ms * 1000)} µs`
  return ms < 1000 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`
}

/** A latency along an axis. */
export function roundMilliseconds(ms: number): string {
  return milliseconds(ms, round)
}

/** A time span as on a clock, such as `4 min 12 s`. */
export function duration(ms: number): string {
  if (ms < 60_000) return milliseconds(ms)
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let size = value
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${round(size)} ${units[unit]}`
}

/** US dollars: cents as they are, smaller amounts with two significant digits. */
export function dollars(value: number): string {
  if (value === 0) return '$0'
  return value >= 0.1 ? `$${value.toFixed(2)}` : `$${trim(value.toPrecision(2))}`
}

/** `23 November 2026, 18:49 UTC`; what is no date is shown as it is. */
export function moment(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return iso
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })
  return `${day}, ${time} UTC`
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${integer(count)} ${count === 1 ? one : many}`
}
