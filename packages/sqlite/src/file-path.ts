import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { invalid } from '@tandemstore/core/adapter'

export const IN_MEMORY = ':memory:'

/** Schemes of other libraries, which would otherwise become part of a file name. */
const FOREIGN = /^(sqlite3?|libsql|jdbc|https?|wss?):/i
const FILE = /^file:/i

/**
 * The absolute path that an option names, or `:memory:`. Absolute at once, so that a later change of directory does
 * not change the file. Takes a path, a `file:` URL, and the relative form `file:notes.db` that other libraries use.
 */
export function toFilePath(path: unknown): string {
  if (path instanceof URL) return fromUrl(path.href)
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw invalid('path', `a file name, a file: URL or ${IN_MEMORY}`)
  }
  if (path === IN_MEMORY) return path
  if (path.startsWith(IN_MEMORY)) throw invalid('path', `${IN_MEMORY} without parameters, not ${path}`)
  const scheme = FOREIGN.exec(path)?.[0]
  if (scheme !== undefined) {
    const name = path.slice(scheme.length).replace(/^\/\//, '') || 'notes.db'
    throw invalid('path', `a file name such as ${JSON.stringify(name)} or a file: URL, not a ${scheme} address`)
  }
  return FILE.test(path) ? fromUrl(path) : resolve(path)
}

function fromUrl(url: string): string {
  if (!FILE.test(url)) throw invalid('path', `a file: URL, not ${url}`)
  const rest = url.slice('file:'.length)
  if (rest.startsWith(IN_MEMORY)) throw invalid('path', `${IN_MEMORY}, not ${url}`)
  if (/[?#]/.test(rest)) throw invalid('path', `a file: URL without parameters, not ${url}`)
  try {
    const relative = !rest.startsWith('/') && !/^[a-z]:/i.test(rest)
    return relative ? resolve(decodeURIComponent(rest)) : fileURLToPath(new URL(url))
  } catch {
    throw invalid('path', `a file: URL of a file on this machine, not ${url}`)
  }
}
