import { invalid } from '../errors.js'
import type { DocumentRef, Namespace } from '../ports/common.js'

export const MAX_LABEL_LENGTH = 256
export const MAX_KEY_LENGTH = 1024
export const MAX_DEPTH = 16

/**
 * What is expected of a text that is no well-formed one without NUL: a lone surrogate would merge two tenants in
 * UTF-8, a NUL separates labels.
 */
function faultOf(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > maxLength) {
    return `a string of 1 to ${maxLength} characters`
  }
  if (value.includes('\0')) return 'a string without NUL'
  return value.isWellFormed() ? undefined : 'well-formed Unicode (it holds a lone surrogate)'
}

/** Checks a prefix: up to sixteen labels, [] for everything. */
export function checkPrefix(prefix: unknown, field = 'prefix'): asserts prefix is Namespace {
  checkLabels(prefix, field, 'an array of labels ([] for everything)')
}

/** Checks a namespace: one to sixteen labels. */
export function checkNamespace(namespace: unknown, field = 'namespace'): asserts namespace is Namespace {
  checkLabels(namespace, field, 'an array of labels, at least one')
  if (namespace.length === 0) throw invalid(field, 'at least one label')
}

function checkLabels(labels: unknown, field: string, expected: string): asserts labels is Namespace {
  if (!Array.isArray(labels)) throw invalid(field, expected)
  if (labels.length > MAX_DEPTH) throw invalid(field, `at most ${MAX_DEPTH} labels, not ${labels.length}`)
  for (let i = 0; i < labels.length; i += 1) {
    const fault = faultOf(labels[i], MAX_LABEL_LENGTH)
    if (fault !== undefined) throw invalid(`${field}[${i}]`, fault)
  }
}

export function checkKey(key: unknown, field = 'key'): asserts key is string {
  const fault = faultOf(key, MAX_KEY_LENGTH)
  if (fault !== undefined) throw invalid(field, fault)
}

/** Checks a namespace and a key, and gives a copy that the caller cannot change any more. */
export function toRef(namespace: unknown, key: unknown, field = ''): DocumentRef {
  checkNamespace(namespace, `${field}namespace`)
  checkKey(key, `${field}key`)
  return { namespace: [...namespace], key }
}

/**
 * A namespace as one text: each label followed by NUL. Injective (labels hold no NUL), a prefix of namespaces is a
 * prefix of texts, and the order of their UTF-8 bytes is the order of namespaces.
 */
export function encodeNamespace(namespace: Namespace): string {
  let encoded = ''
  for (const label of namespace) encoded += `${label}\0`
  return encoded
}

export function decodeNamespace(encoded: string): string[] {
  return encoded === '' ? [] : encoded.slice(0, -1).split('\0')
}

/**
 * One text for a document: the encoded namespace, NUL, key. No namespace can end with the extra NUL, as no label is
 * empty.
 */
export function refId(ref: DocumentRef): string {
  return `${encodeNamespace(ref.namespace)}\0${ref.key}`
}

/** Whether two references name the same document. */
export function sameRef(a: DocumentRef, b: DocumentRef): boolean {
  return a.key === b.key && a.namespace.length === b.namespace.length && startsWith(a.namespace, b.namespace)
}

export function startsWith(namespace: Namespace, prefix: Namespace): boolean {
  return prefix.length <= namespace.length && prefix.every((label, i) => label === namespace[i])
}

/**
 * Compares well-formed texts in the order of their UTF-8 bytes, which is the order of code points (not of UTF-16
 * units).
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // A surrogate stands for a code point above every other unit's.
    const surrogateX = x >= 0xd800 && x <= 0xdfff
    const surrogateY = y >= 0xd800 && y <= 0xdfff
    return surrogateX === surrogateY ? x - y : surrogateX ? 1 : -1
  }
  return a.length - b.length
}

/** The order of documents: namespace label by label, then key. */
export function compareRefs(a: DocumentRef, b: DocumentRef): number {
  return compareText(encodeNamespace(a.namespace), encodeNamespace(b.namespace)) || compareText(a.key, b.key)
}
