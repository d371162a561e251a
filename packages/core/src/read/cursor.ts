import { checkKey, checkPrefix, startsWith } from '../document/namespace.js'
import { invalid } from '../errors.js'
import type { DocumentRef, Namespace } from '../ports/common.js'

/** Where a page begins: behind `after`, and behind so many items more. */
export interface Place<At> {
  readonly after: At
  readonly skip: number
}

/** A place as an opaque text. */
export function encodeCursor(place: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

export function decodeCursor(cursor: unknown): unknown[] {
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

/** An offset counts from the beginning; a cursor goes on behind what was skipped. */
export function checkCursorAlone(cursor: unknown, offset: number): void {
  if (cursor !== undefined && offset > 0) throw invalid('options.offset', 'no offset beside a cursor')
}

export function encodeDocumentCursor({ after, skip }: Place<DocumentRef>): string {
  return encodeCursor([after.namespace, after.key, skip])
}

/** The document after which a page goes on; it has to lie under the prefix. */
export function decodeDocumentCursor(cursor: string | undefined, prefix: Namespace): Place<DocumentRef> | undefined {
  return cursor === undefined ? undefined : toDocumentPlace(decodeCursor(cursor), prefix)
}

export function toDocumentPlace([namespace, key, skip]: readonly unknown[], prefix: Namespace): Place<DocumentRef> {
  checkUnder(namespace, prefix)
  checkKey(key, 'cursor')
  return { after: { namespace, key }, skip: checkSkip(skip) }
}

/** `given`: whether what begins like the namespace, cut to `maxDepth`, was in an earlier page. */
export interface NamespacePlace extends Place<Namespace> {
  readonly given: boolean
}

export function encodeNamespaceCursor({ after, skip, given }: NamespacePlace): string {
  return encodeCursor([after, skip, given])
}

/** The namespace after which a page goes on; it has to lie under the prefix. */
export function decodeNamespaceCursor(cursor: string | undefined, prefix: Namespace): NamespacePlace | undefined {
  if (cursor === undefined) return undefined
  const [after, skip, given] = decodeCursor(cursor)
  checkUnder(after, prefix)
  return { after, skip: checkSkip(skip), given: given === true }
}

function checkUnder(namespace: unknown, prefix: Namespace): asserts namespace is Namespace {
  checkPrefix(namespace, 'cursor')
  if (!startsWith(namespace, prefix)) throw invalid('cursor', 'the cursor of a page under the same prefix')
}

function checkSkip(skip: unknown): number {
  if (Number.isSafeInteger(skip) && (skip as number) >= 0) return skip as number
  throw invalid('cursor', 'the cursor of an earlier page')
}
