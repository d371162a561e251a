import { checkKey, checkPrefix, startsWith } from '../document/namespace.js'
import { invalid } from '../errors.js'
import type { DocumentRef, Namespace } from '../ports/common.js'

/** A place in a list as an opaque text. */
export function encodeCursor(place: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

function decode(cursor: unknown): unknown[] {
  const expected = 'the cursor of an earlier page'
  if (typeof cursor !== 'string') throw invalid('cursor', expected)
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(place)) return place
  } catch {
    // Not JSON: refused below, as is JSON that is no list.
  }
  throw invalid('cursor', expected)
}

/** The document after which a page goes on; it has to lie under the prefix. */
export function decodeDocumentCursor(cursor: string | undefined, prefix: Namespace): DocumentRef | undefined {
  if (cursor === undefined) return undefined
  const [namespace, key] = decode(cursor)
  checkPrefix(namespace, 'cursor')
  checkKey(key, 'cursor')
  if (!startsWith(namespace, prefix)) throw invalid('cursor', 'the cursor of a page under the same prefix')
  return { namespace, key }
}

/** The namespace after which a page goes on. */
export function decodeNamespaceCursor(cursor: string | undefined, prefix: Namespace): Namespace | undefined {
  if (cursor === undefined) return undefined
  const [namespace] = decode(cursor)
  checkPrefix(namespace, 'cursor')
  if (!startsWith(namespace, prefix)) throw invalid('cursor', 'the cursor of a page under the same prefix')
  return namespace
}
