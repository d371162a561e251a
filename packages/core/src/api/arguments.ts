import { isVersion } from '../document/version.js'
import { invalid } from '../errors.js'

/** Refuses options of unknown names: a misspelt one would be passed over in silence. */
export function checkOptions(options: unknown, allowed: readonly string[], field = 'options'): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw invalid(field, `an object with names among ${allowed.join(', ')}`)
  for (const name of Object.keys(options)) {
    if (!allowed.includes(name)) throw invalid(`${field}.${name}`, `one of ${allowed.join(', ')}`)
  }
  const { signal } = options as { signal?: unknown }
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid(`${field}.signal`, 'an AbortSignal')
}

/** Checks an integer from `min` to `max`. */
export function checkInteger(value: unknown, field: string, min: number, max: number): asserts value is number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return
  throw invalid(
    field,
    max === Number.MAX_SAFE_INTEGER ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`,
  )
}

/** Checks that a value, if there is one, is among some. */
export function checkOneOf(value: unknown, field: string, allowed: readonly unknown[]): void {
  if (value !== undefined && !allowed.includes(value)) throw invalid(field, `one of ${allowed.join(', ')}`)
}

export function checkBoolean(value: unknown, field: string): void {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(field, 'true or false')
}

export function checkTtl(value: unknown, field: string): void {
  if (value !== undefined) checkInteger(value, field, 1, 8_640_000_000_000)
}

/** Checks a point in time from the Unix epoch on, if there is one. */
export function checkDate(value: unknown, field: string): void {
  if (value === undefined || (value instanceof Date && value.getTime() >= 0)) return
  throw invalid(field, 'a Date from 1970 on')
}

export function checkVersion(value: unknown, field: string): void {
  if (value !== undefined && !isVersion(value)) throw invalid(field, 'the version of a document')
}
