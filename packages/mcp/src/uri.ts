const SCHEME = 'memory:'
/** The listing of all memories. Other URIs are within the bound namespace too, never above. */
export const LISTING_URI = 'memory:/'
export const MEMORY_URI_TEMPLATE = 'memory:{+path}'

/** What a URI names: a memory, or what lies at labels and below. */
export interface MemoryPath {
  readonly labels: readonly string[]
  /** Absent in a listing, whose URI ends with a slash. */
  readonly key?: string
}

/** The path is opaque to URL parsers, so that a key `..` stays one. */
export function uriOf(labels: readonly string[], key: string): string {
  return `${SCHEME}${[...labels, key].map(encodeURIComponent).join('/')}`
}

/** `undefined` for what is no URI of a memory. */
export function parseUri(uri: string): MemoryPath | undefined {
  if (uri === LISTING_URI) return { labels: [] }
  if (!uri.startsWith(SCHEME)) return undefined
  let segments: string[]
  try {
    segments = uri.slice(SCHEME.length).split('/').map(decodeURIComponent)
  } catch {
    return undefined
  }
  const labels = segments.slice(0, -1)
  const key = segments.at(-1) ?? ''
  if (labels.includes('') || (labels.length === 0 && key === '')) return undefined
  return key === '' ? { labels } : { labels, key }
}
