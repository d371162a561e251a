/** The scheme of memories' URIs. `memory:` is the listing; what follows is within the bound namespace, never above. */
export const LISTING_URI = 'memory:'
export const MEMORY_URI_TEMPLATE = 'memory:{+path}'

/** What a URI names: a memory, or what lies at labels and below. */
export interface MemoryPath {
  readonly labels: readonly string[]
  /** Absent in a listing, whose URI ends with a slash. */
  readonly key?: string
}

/** The path is opaque to URL parsers, so that a key `..` stays one. */
export function uriOf(labels: readonly string[], key: string): string {
  return `memory:${[...labels, key].map(encodeURIComponent).join('/')}`
}

/** `undefined` for what is no URI of a memory. */
export function parseUri(uri: string): MemoryPath | undefined {
  if (!uri.startsWith(LISTING_URI)) return undefined
  let segments: string[]
  try {
    segments = uri.slice(LISTING_URI.length).split('/').map(decodeURIComponent)
  } catch {
    return undefined
  }
  const labels = segments.slice(0, -1)
  if (labels.includes('')) return undefined
  const key = segments.at(-1)
  return key === undefined || key === '' ? { labels } : { labels, key }
}
