import type { Language, SearchMode } from '@tandemstore/core'
import type { Reranker } from '@tandemstore/core/adapter'
import type { EmbedderInput } from '../embedders/available.js'
import type { StoreKind } from '../options.js'
import type { StoreConnection } from '../store/open-store.js'

/**
 * What `tandem.bench.ts` (.js, .mjs, .json) exports as its default. A flag goes before it. Paths are read from the
 * folder of the file.
 */
export interface BenchConfig {
  /** `compare` takes all, the other commands the first. Default: `['local']`. */
  readonly embedders?: readonly EmbedderInput[] | undefined
  /** Folder of models for `transformers:`. Default: the environment variable TANDEM_MODELS. */
  readonly models?: string | undefined
  /** Default: `memory`. */
  readonly store?: StoreKind | undefined
  /** Where the store is, for kinds that need to be told. Default: environment variables. */
  readonly connection?: StoreConnection | undefined
  /** Names what is made in the databases, and is deleted at the end. Default: `tandem_bench`. */
  readonly collection?: string | undefined
  readonly json?: string | undefined
  readonly html?: string | undefined
  /** A whole number of at least 0. Default: 42. */
  readonly seed?: number | undefined
  /** `compare` scores hybrid searches with it, too. Default: none. */
  readonly reranker?: Reranker | undefined
  /** For `compare` alone. */
  readonly compare?: CompareConfig | undefined
}

export interface CompareConfig {
  /** A folder in BEIR's layout, a folder of Markdown and text, or a JSONL file. */
  readonly corpus?: string | undefined
  /** Of a corpus in BEIR's layout: qrels/<split>.tsv. Default: `test`. */
  readonly split?: string | undefined
  /** Where a line of a JSONL file has its text. Default: `text`. */
  readonly textField?: string | undefined
  /** Queries made of a corpus without judgements, at most. Default: 500. */
  readonly maxQueries?: number | undefined
  /**
   * A text above the model's limit: cut it there, or embed it in parts. Default: `truncate` for a judged corpus, else
   * `chunk`.
   */
  readonly onTooLong?: 'truncate' | 'chunk' | undefined
  /** Which searches are scored; by vector always. Default: all three. */
  readonly modes?: readonly SearchMode[] | undefined
  /** Of the words, such as `english`: finds them by their other forms, too. Default: words as they are written. */
  readonly language?: Language | undefined
  /** What nDCG@10 of every embedder must reach, 0 to 1. */
  readonly minNdcg?: number | undefined
  /** What no embedder's cold query latency may exceed at its 95th percentile, milliseconds. */
  readonly maxP95?: number | undefined
}

/** Gives the configuration as it is; for the types of an editor. */
export function defineConfig(config: BenchConfig): BenchConfig {
  return config
}
