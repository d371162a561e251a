import type { AuthInfo } from '@modelcontextprotocol/server'
import { StoreError } from '@tandemstore/core'
import { invalid, type MaybePromise, type Namespace } from '@tandemstore/core/adapter'

/** Labels of a namespace, as core allows them. */
export const MAX_LABELS = 16

/** What a namespace may depend on. Nothing in it comes from the model. */
export interface NamespaceContext {
  /** The authenticated user of an HTTP request; `undefined` over stdio, and without authentication. */
  readonly authInfo: AuthInfo | undefined
  /** The HTTP request; `undefined` over stdio. */
  readonly request: Request | undefined
}

/** The labels that all memories of a connection lie under, or a function of the request that gives them. */
export type NamespaceOption = Namespace | ((context: NamespaceContext) => MaybePromise<Namespace>)

export type BoundNamespace = (context: NamespaceContext) => Promise<MemorySpace>

/** Checks the option, and gives what resolves it for a request. */
export function bindNamespace(option: NamespaceOption): BoundNamespace {
  if (typeof option === 'function') {
    return async (context) => {
      const labels = await option(context)
      if (isNamespace(labels)) return new MemorySpace(labels)
      throw new StoreError('CONFIGURATION', `options.namespace: expected a function that gives ${expected}`, {
        field: 'options.namespace',
      })
    }
  }
  if (!isNamespace(option)) throw invalid('options.namespace', `${expected}, or a function that gives them`)
  const space = new MemorySpace([...option])
  return async () => space
}

const expected = `1 to ${MAX_LABELS - 1} labels, each a text that is not empty`

/** No label at all would be every tenant. */
function isNamespace(value: unknown): value is Namespace {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length < MAX_LABELS &&
    value.every((label) => typeof label === 'string' && label !== '')
  )
}

/** The part of the store that a request may see: what lies at or below its namespace. */
export class MemorySpace {
  readonly #base: Namespace

  constructor(base: Namespace) {
    this.#base = base
  }

  /** The namespace of labels below the bound one. Labels are names, never paths: `..` is a label as any other. */
  at(labels: readonly string[] = []): Namespace {
    const most = MAX_LABELS - this.#base.length
    if (labels.length > most) throw invalid('labels', `at most ${most}`)
    return [...this.#base, ...labels]
  }

  /** What a namespace of this space is called within it. */
  labelsOf(namespace: Namespace): readonly string[] {
    return namespace.slice(this.#base.length)
  }
}
