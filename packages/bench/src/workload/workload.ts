import type { Json } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { DEFAULT_SEED } from '../options.js'
import { type Progress, silentProgress } from '../progress.js'
import type { StorePlace } from '../store/open-store.js'
import type { KeywordsSetting } from './keywords.js'
import { type BenchTexts, syntheticTexts } from './texts.js'

/** What every benchmark of a store is given. */
export interface WorkloadOptions {
  readonly embedder: Embedder
  /** Finds documents by words, too, and measures searches of each mode. Default: false. */
  readonly keywords?: KeywordsSetting | undefined
  /** For the report. Default: provider and name of the model. */
  readonly embedderName?: string | undefined
  /** Default: `{ kind: 'memory', collection: 'tandem_bench' }`. */
  readonly place?: StorePlace | undefined
  /** Default: `syntheticTexts(seed)`. */
  readonly texts?: BenchTexts | undefined
  /** Default: 42. */
  readonly seed?: number | undefined
  /** What the report tells of flags and configuration; without addresses and keys. Default: `{}`. */
  readonly configuration?: Json | undefined
  /** What is to be known of the texts, for the report. Default: nothing. */
  readonly warnings?: readonly string[] | undefined
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}

/** The same, with all defaults. */
export type Workload = { readonly [Name in keyof WorkloadOptions]-?: Exclude<WorkloadOptions[Name], undefined> }

export function withDefaults<Options extends WorkloadOptions>(
  options: Options,
): Omit<Options, keyof Workload> & Workload {
  const { embedder, seed = DEFAULT_SEED } = options
  return {
    ...options,
    embedder,
    seed,
    embedderName: options.embedderName ?? `${embedder.model.provider}:${embedder.model.name}`,
    place: options.place ?? { kind: 'memory', collection: 'tandem_bench' },
    texts: options.texts ?? syntheticTexts(seed),
    keywords: options.keywords ?? false,
    configuration: options.configuration ?? {},
    warnings: options.warnings ?? [],
    progress: options.progress ?? silentProgress,
    signal: options.signal ?? new AbortController().signal,
  }
}
