import { invalid } from '@tandemstore/core/adapter'

/**
 * A namespace as one argument: labels joined by `/`, or a JSON array where a label has a `/` in it or begins with `[`.
 * The empty text and `/` are the prefix of everything.
 */
export function parseNamespace(text: string): string[] {
  if (text === '' || text === '/') return []
  if (!text.startsWith('[')) return text.replace(/\/$/, '').split('/')
  try {
    const labels: unknown = JSON.parse(text)
    if (Array.isArray(labels) && labels.every((label) => typeof label === 'string')) return labels
  } catch {
    // Refused below, as is JSON of something else.
  }
  throw invalid('namespace', `labels such as users/42, or a JSON array such as ["a/b","c"], not ${text}`)
}

/** The same the other way round. */
export function formatNamespace(namespace: readonly string[]): string {
  const isPlain = !namespace.some((label) => label.includes('/')) && !namespace[0]?.startsWith('[')
  return isPlain ? namespace.join('/') : JSON.stringify(namespace)
}
