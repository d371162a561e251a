import { InvalidNamespaceError } from '@langchain/langgraph-checkpoint'

/** Limits of Tandem. */
const MAX_LABEL_LENGTH = 256
const MAX_DEPTH = 16

/** Checks the namespace of an item, by what a Tandem store can hold. @throws InvalidNamespaceError */
export function checkNamespace(namespace: unknown): asserts namespace is string[] {
  checkPrefix(namespace)
  if (namespace.length === 0) throw new InvalidNamespaceError('Namespace cannot be empty.')
}

/** Checks a prefix of namespaces; [] is all of them. @throws InvalidNamespaceError */
export function checkPrefix(namespace: unknown): asserts namespace is string[] {
  if (!Array.isArray(namespace)) throw new InvalidNamespaceError('A namespace has to be an array of labels.')
  if (namespace.length > MAX_DEPTH)
    throw new InvalidNamespaceError(`A namespace has at most ${MAX_DEPTH} labels, not ${namespace.length}.`)
  for (const label of namespace) {
    const fault = faultOf(label)
    if (fault !== undefined)
      throw new InvalidNamespaceError(`Invalid namespace label ${shown(label)}: namespace labels ${fault}.`)
  }
}

function faultOf(label: unknown): string | undefined {
  if (typeof label !== 'string') return `must be strings, but got ${typeof label}`
  if (label === '') return 'cannot be empty strings'
  if (label.length > MAX_LABEL_LENGTH) return `have at most ${MAX_LABEL_LENGTH} characters, not ${label.length}`
  if (label.includes('\0')) return 'cannot contain NUL'
  // Two labels that differ only in lone surrogates would be one in UTF-8, and so would two tenants.
  return label.isWellFormed() ? undefined : 'must be well-formed Unicode (this one holds a lone surrogate)'
}

function shown(label: unknown): string {
  return typeof label === 'string' ? JSON.stringify(label.slice(0, 80)) : String(label)
}
