import type { Reranker } from '@tandemstore/core/adapter'
import { type EmbedderInput, nameOf } from '../embedders/available.js'
import { DEFAULT_SEED, type SharedOptions, type StoreKind } from '../options.js'
import type { StoreConnection } from '../store/open-store.js'
import type { BenchConfig, CompareConfig } from './config.js'
import { loadConfig } from './load-config.js'

/** What every command needs to know, out of flags, else the configuration file, else defaults. */
export interface Settings {
  /** At least one. */
  readonly embedders: readonly EmbedderInput[]
  readonly models?: string | undefined
  readonly store: StoreKind
  readonly connection: StoreConnection
  readonly collection: string
  readonly json?: string | undefined
  readonly html?: string | undefined
  readonly seed: number
  readonly reranker?: Reranker | undefined
  /** Of the configuration file alone. */
  readonly compare: CompareConfig
}

/** @throws StoreError CONFIGURATION as `loadConfig` does. */
export async function loadSettings(flags: SharedOptions): Promise<Settings> {
  const config = await loadConfig(flags.config)
  return {
    embedders: chooseEmbedders(flags.embedder, config),
    models: flags.models ?? config.models,
    store: flags.store ?? config.store ?? 'memory',
    connection: { ...config.connection, ...connectionOf(flags) },
    collection: flags.collection ?? config.collection ?? 'tandem_bench',
    json: flags.json ?? config.json,
    html: flags.html ?? config.html,
    seed: flags.seed ?? config.seed ?? DEFAULT_SEED,
    reranker: config.reranker,
    compare: config.compare ?? {},
  }
}

/** A flag is the name of an embedder of the configuration, or else a spec. */
function chooseEmbedders(
  wanted: readonly string[] | undefined,
  { embedders = ['local'] }: BenchConfig,
): readonly EmbedderInput[] {
  return wanted?.map((word) => embedders.find((each) => nameOf(each) === word) ?? word) ?? embedders
}

function connectionOf({ path, search, scylla, dataCenter, keyspace, qdrantUrl }: SharedOptions): StoreConnection {
  const given = Object.entries({ path, search, scylla, dataCenter, keyspace, qdrantUrl }).filter(
    ([, value]) => value !== undefined,
  )
  return Object.fromEntries(given)
}
