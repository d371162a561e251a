/** `12,345`. */
export function number(value: number): string {
  return value.toLocaleString('en')
}

/** `users / 42`; the prefix of everything has a name, too. */
export function namespaceName(namespace: readonly string[]): string {
  return namespace.length === 0 ? 'everything' : namespace.join(' / ')
}

/** `1.2 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB']
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
  return `${(value / 1000 ** power).toLocaleString('en', { maximumFractionDigits: power === 0 ? 0 : 1 })} ${units[power]}`
}

/** `4.2 ms`, `130 ms`, `1.4 s`. */
export function milliseconds(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ms`
}

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })

/** `3 min. ago`, `in 2 days`. */
export function fromNow(iso: string): string {
  const seconds = (Date.parse(iso) - Date.now()) / 1000
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
  return relative.format(Math.trunc(seconds / size), unit)
}

/** `2026-11-30 20:54:06`, in UTC, as `tandem` prints times. */
export function time(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ')
}

/** `20:54:06`, where the reader is. */
export function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB')
}

/** `1,234`, `10,000+`. */
export function countText({ documents, more }: { readonly documents: number; readonly more: boolean }): string {
  return `${number(documents)}${more ? '+' : ''}`
}

/** `1 document`, `3 documents`. */
export function plural(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`
}
