/** How the vectors of a text's tokens become one: their mean, that of the first token, or that of the last. */
export type Pooling = 'mean' | 'cls' | 'last'

/** What is put before the texts of a model, as its authors ask. */
export interface Prefixes {
  readonly document?: string
  readonly query?: string
}

/** What a model needs that its files do not say, and that is not `mean` without prefixes. */
export interface KnownModel {
  readonly pooling: Pooling
  readonly prefixes?: Prefixes
}

const search = 'Represent this sentence for searching relevant passages: '

/** By the last part of the model's name in lower case. From the model cards. */
const known: readonly (readonly [name: RegExp, model: KnownModel])[] = [
  [/^bge-(small|base|large)-en(-v1\.5)?$/, { pooling: 'cls', prefixes: { query: search } }],
  [/^bge-m3$/, { pooling: 'cls' }],
  [
    /^(multilingual-)?e5-(small|base|large)(-v2)?$/,
    { pooling: 'mean', prefixes: { query: 'query: ', document: 'passage: ' } },
  ],
  [/^gte-((base|large)-en-v1\.5|multilingual-base|modernbert-base)$/, { pooling: 'cls' }],
  [/^snowflake-arctic-embed-(xs|s|m|l|m-v1\.5)$/, { pooling: 'cls', prefixes: { query: search } }],
  [/^snowflake-arctic-embed-[ml]-v2\.0$/, { pooling: 'cls', prefixes: { query: 'query: ' } }],
  [/^mxbai-embed-large-v1$/, { pooling: 'cls', prefixes: { query: search } }],
  [
    /^nomic-embed-text-v1(\.5)?$/,
    { pooling: 'mean', prefixes: { query: 'search_query: ', document: 'search_document: ' } },
  ],
]

/** What is known of a model by its name, such as `Xenova/bge-small-en-v1.5`; `-onnx` at its end does not count. */
export function knownModel(model: string): KnownModel | undefined {
  const name = (model.split('/').at(-1) ?? '').toLowerCase().replace(/-onnx$/, '')
  return known.find(([pattern]) => pattern.test(name))?.[1]
}
