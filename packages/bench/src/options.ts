import type { SearchMode } from '@tandemstore/core'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { isNumberFrom, isWholeNumber } from './numbers.js'

export const storeKinds = ['memory', 'sqlite', 'scylla-qdrant'] as const
/** Where the documents of a benchmark are kept while it runs. */
export type StoreKind = (typeof storeKinds)[number]

export const searchModes = ['vector', 'keyword', 'hybrid'] as const satisfies readonly SearchMode[]

export const DEFAULT_SEED = 42

/** The flags that every command has. What a flag does not say, the configuration file may; see `loadSettings`. */
export interface SharedOptions {
  /** As given: `local`, `transformers:<model>`, … */
  readonly embedder?: readonly string[] | undefined
  readonly store?: StoreKind | undefined
  readonly config?: string | undefined
  /** Folder of models for `transformers:`. */
  readonly models?: string | undefined
  readonly json?: string | undefined
  readonly html?: string | undefined
  readonly seed?: number | undefined
  readonly collection?: string | undefined
  /** Of `sqlite`: the file to make. */
  readonly path?: string | undefined
  /** Of `sqlite`. */
  readonly search?: 'exact' | 'approximate' | undefined
  /** Of `scylla-qdrant`, see `ScyllaQdrantConnection`; the key of Qdrant is no flag, as others could read it. */
  readonly scylla?: string | undefined
  readonly dataCenter?: string | undefined
  readonly keyspace?: string | undefined
  readonly qdrantUrl?: string | undefined
}

/** Adds the flags that every command has. No flag has a default here, so that the configuration file can give one. */
export function withSharedOptions(command: Command): Command {
  return command
    .option(
      '-e, --embedder <spec>',
      'local, transformers:<model>, openai:<model>, gemini:<model>, or a name of the configuration file; may be repeated',
      (spec: string, before: readonly string[] | undefined) => [...(before ?? []), spec],
    )
    .addOption(
      new Option('-s, --store <kind>', 'where the documents are kept meanwhile (default: memory)').choices(storeKinds),
    )
    .option('-c, --config <file>', 'configuration (default: tandem.bench.ts, .js, .mjs or .json, where there is one)')
    .option('--models <folder>', 'models for transformers: (default: the environment variable TANDEM_MODELS)')
    .option('--collection <name>', 'names what is made in the databases and deleted at the end (default: tandem_bench)')
    .option('--path <file>', 'of sqlite: the file to make and delete (default: a temporary one)')
    .addOption(
      new Option(
        '--search <how>',
        'of sqlite: by vector among all, or most likely the nearest (default: exact)',
      ).choices(['exact', 'approximate']),
    )
    .option('--scylla <hosts>', 'of scylla-qdrant: ScyllaDB or Cassandra, host:port,… (default: TANDEM_SCYLLA)')
    .option('--data-center <name>', 'of scylla-qdrant (default: TANDEM_SCYLLA_DC, else datacenter1)')
    .option('--keyspace <name>', 'of scylla-qdrant (default: TANDEM_KEYSPACE, else tandem_bench)')
    .option('--qdrant-url <url>', 'of scylla-qdrant (default: TANDEM_QDRANT_URL; its key is TANDEM_QDRANT_API_KEY)')
    .option('--json <file>', 'write the report as JSON')
    .option('--html <file>', 'write the report as one HTML page')
    .option(
      '--seed <number>',
      `for everything that is drawn by chance (default: ${DEFAULT_SEED})`,
      wholeNumber(0, 2 ** 31 - 1),
    )
}

/** Reads a flag that is a whole number between two bounds. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (value.trim() === '' || !isWholeNumber(number, least, most)) {
      const upTo = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
      throw new InvalidArgumentError(`Expected a whole number ${upTo}.`)
    }
    return number
  }
}

/** Reads a flag that is a number between two bounds. */
export function number(least: number, most: number): (value: string) => number {
  return (value) => {
    const parsed = Number(value)
    if (value.trim() === '' || !isNumberFrom(parsed, least, most)) {
      throw new InvalidArgumentError(
        most === Number.POSITIVE_INFINITY
          ? `Expected a number of at least ${least}.`
          : `Expected a number from ${least} to ${most}.`,
      )
    }
    return parsed
  }
}
