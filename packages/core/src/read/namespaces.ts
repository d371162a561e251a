import { checkInteger, checkOptions } from '../api/arguments.js'
import type { NamespacesOptions, Page } from '../api/queries.js'
import { checkPrefix, encodeNamespace, startsWith } from '../document/namespace.js'
import { invalid } from '../errors.js'
import type { Namespace } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import { checkCursorAlone, decodeNamespaceCursor, encodeNamespaceCursor } from './cursor.js'
import { readPage } from './page.js'
import { MAX_LIMIT, MAX_READ } from './reader.js'

const MAX_MATCHES = 100

/** Labels that a namespace has to begin or end with; `undefined` stands for any label. */
interface Pattern {
  readonly at: 'start' | 'end'
  readonly labels: readonly (string | undefined)[]
}

/** The namespaces that hold documents, one page. */
export async function listNamespaces(kv: KVCollection, options: NamespacesOptions = {}): Promise<Page<Namespace>> {
  checkOptions(options, ['prefix', 'suffix', 'match', 'maxDepth', 'limit', 'offset', 'cursor', 'signal'])
  const { prefix: given = [], suffix = [], match, maxDepth, limit = 100, offset = 0, cursor, signal } = options
  checkPrefix(given, 'options.prefix')
  checkPrefix(suffix, 'options.suffix')
  if (maxDepth !== undefined) checkInteger(maxDepth, 'options.maxDepth', 1, 16)
  checkInteger(limit, 'options.limit', 1, MAX_LIMIT)
  checkInteger(offset, 'options.offset', 0, Number.MAX_SAFE_INTEGER)
  checkCursorAlone(cursor, offset)
  const patterns = patternsOf(match)
  if (suffix.length > 0) patterns.push({ at: 'end', labels: [...suffix] })
  const prefix = narrow([...given], patterns)
  if (prefix === undefined) return { items: [] }
  const place = decodeNamespaceCursor(cursor, prefix) ?? { after: undefined, skip: offset, given: false }

  // The database may cut namespaces only if what is cut off decides nothing.
  const mayCut =
    maxDepth !== undefined && patterns.every(({ at, labels }) => at === 'start' && labels.length <= maxDepth)
  const depthInDatabase = mayCut ? maxDepth : undefined
  const repeats = maxDepth !== undefined && !mayCut
  const cut = (namespace: Namespace): Namespace => namespace.slice(0, maxDepth)
  /** What was given, encoded. */
  const seen = new Set<string>()
  if (place.given && place.after !== undefined) seen.add(encodeNamespace(cut(place.after)))

  const { items, next } = await readPage<Namespace, Namespace, Namespace>(
    {
      read: async (after, size) => {
        const query = { prefix, after, limit: size, now: Date.now(), maxDepth: depthInDatabase }
        const { namespaces, next } = await kv.namespaces(query, { signal })
        return { entries: namespaces, next }
      },
      placeOf: (namespace) => namespace,
      pick: (namespaces) =>
        namespaces.map((namespace) => {
          const item = cut(namespace)
          const id = encodeNamespace(item)
          if (seen.has(id) || !patterns.every((pattern) => matches(namespace, pattern))) return undefined
          if (repeats) seen.add(id)
          return item
        }),
    },
    { ...place, limit, maxRead: MAX_READ, selective: patterns.length > 0 },
  )
  if (next === undefined) return { items }
  return { items, cursor: encodeNamespaceCursor({ ...next, given: seen.has(encodeNamespace(cut(next.after))) }) }
}

function patternsOf(match: unknown): Pattern[] {
  if (match === undefined) return []
  if (!Array.isArray(match) || match.length > MAX_MATCHES)
    throw invalid('options.match', `an array of at most ${MAX_MATCHES} conditions`)
  return match.flatMap((each: unknown, i): Pattern[] => {
    const field = `options.match[${i}]`
    checkOptions(each, ['prefix', 'suffix'], field)
    const { prefix, suffix } = each as { readonly prefix?: unknown; readonly suffix?: unknown }
    if (prefix === undefined && suffix === undefined) throw invalid(field, 'a prefix or a suffix')
    return [
      ...(prefix === undefined ? [] : [{ at: 'start' as const, labels: labelsOf(prefix, `${field}.prefix`) }]),
      ...(suffix === undefined ? [] : [{ at: 'end' as const, labels: labelsOf(suffix, `${field}.suffix`) }]),
    ]
  })
}

function labelsOf(labels: unknown, field: string): (string | undefined)[] {
  checkPrefix(labels, field)
  return labels.map((label) => (label === '*' ? undefined : label))
}

function matches(namespace: Namespace, { at, labels }: Pattern): boolean {
  const from = at === 'start' ? 0 : namespace.length - labels.length
  if (from < 0) return false
  return labels.every((label, i) => {
    const own = namespace[from + i]
    return own !== undefined && (label === undefined || label === own)
  })
}

/** The longest prefix of all that can match; `undefined` if nothing can. */
function narrow(prefix: Namespace, patterns: readonly Pattern[]): Namespace | undefined {
  let longest = prefix
  for (const { at, labels } of patterns) {
    if (at === 'end') continue
    const wildcard = labels.indexOf(undefined)
    const head = (wildcard < 0 ? labels : labels.slice(0, wildcard)) as Namespace
    if (startsWith(head, longest)) longest = head
    else if (!startsWith(longest, head)) return undefined
  }
  return longest
}
