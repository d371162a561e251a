import { invalid } from '@tandemstore/core/adapter'
import type { MemoryFields, ResolvedFields } from './memory.js'
import { type BoundNamespace, bindNamespace, type NamespaceOption } from './namespace.js'

export interface McpServerOptions {
  /**
   * The labels that all memories lie under, such as `['users', '42']`, or a function of the HTTP request's
   * authenticated user that gives them. A tool may name labels below these, and nothing else.
   */
  readonly namespace: NamespaceOption
  /** The properties of values that hold title and text. Default: `title` and `text`. */
  readonly fields?: MemoryFields | undefined
  /** Only the tools that read. Default: false. */
  readonly readOnly?: boolean | undefined
  /**
   * Takes errors that the operator should see: of the store, of `namespace`, of the transport. Default: a line on
   * stderr.
   */
  readonly onError?: ((error: unknown) => void) | undefined
}

export interface CheckedServerOptions {
  readonly bind: BoundNamespace
  readonly fields: ResolvedFields
  readonly readOnly: boolean
  readonly report: (error: unknown) => void
}

/** The names of the options, which those of a transport come beside. */
export const serverOptionNames = ['namespace', 'fields', 'readOnly', 'onError']

export function checkServerOptions(options: McpServerOptions, others: readonly string[] = []): CheckedServerOptions {
  const allowed = [...serverOptionNames, ...others]
  if (typeof options !== 'object' || options === null) throw invalid('options', '{ namespace }')
  for (const name of Object.keys(options)) {
    if (!allowed.includes(name)) throw invalid(`options.${name}`, `one of ${allowed.join(', ')}`)
  }
  const { namespace, fields = {}, readOnly = false, onError = reportOnStderr } = options
  if (typeof readOnly !== 'boolean') throw invalid('options.readOnly', 'true or false')
  if (typeof onError !== 'function') throw invalid('options.onError', 'a function')
  return { bind: bindNamespace(namespace), fields: checkFields(fields), readOnly, report: onError }
}

function checkFields({ title = 'title', text = 'text' }: MemoryFields): ResolvedFields {
  for (const [name, value] of Object.entries({ title, text })) {
    if (typeof value !== 'string' || value === '' || value === 'tags' || value === 'metadata')
      throw invalid(`options.fields.${name}`, 'the name of a property, other than tags and metadata')
  }
  if (title === text) throw invalid('options.fields.text', 'another name than that of the title')
  return { title, text }
}

function reportOnStderr(error: unknown): void {
  process.stderr.write(`tandem-mcp: ${error instanceof Error ? error.message : String(error)}\n`)
}
