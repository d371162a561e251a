import { type SearchMode, StoreError } from '@tandemstore/core'
import { Command, InvalidArgumentError, Option } from 'commander'
import { compare } from '../compare/compare.js'
import { formatComparison } from '../compare/summary-table.js'
import { missedThresholds } from '../compare/thresholds.js'
import type { CompareConfig } from '../config/config.js'
import { loadSettings } from '../config/settings.js'
import { loadCorpus } from '../corpus/load-corpus.js'
import { nameOf } from '../embedders/available.js'
import { exitCodes } from '../exit-codes.js'
import { untilInterrupted } from '../interrupt.js'
import { number, type SharedOptions, searchModes, wholeNumber, withSharedOptions } from '../options.js'
import { createProgress } from '../progress.js'
import { writeReport } from '../report.js'

type CompareFlags = SharedOptions & CompareConfig & { readonly state: string; readonly resume?: boolean }

/** `tandem-bench compare`. */
export function compareCommand(): Command {
  return withSharedOptions(new Command('compare'))
    .description('Which embedder finds best in a corpus, at what speed and cost.')
    .option('--corpus <path>', "a folder in BEIR's layout, a folder of Markdown and text, or a JSONL file")
    .option('--split <name>', "of a corpus in BEIR's layout: which judgements (default: test)")
    .option('--text-field <name>', 'of a JSONL file: where a line has its text (default: text)')
    .option(
      '--max-queries <number>',
      'of a corpus without judgements: queries made of it, at most (default: 500)',
      wholeNumber(1),
    )
    .addOption(
      new Option(
        '--on-too-long <how>',
        "a text above the model's limit (default: truncate for a judged corpus, else chunk)",
      ).choices(['truncate', 'chunk']),
    )
    .option(
      '--modes <list>',
      `which searches are scored beside those by vector (default: ${searchModes.join(',')})`,
      toModes,
    )
    .option('--language <name>', 'of the words, such as english: finds them by their other forms, too')
    .option('--min-ndcg <score>', 'end with 3 if nDCG@10 of any embedder in the store is below', number(0, 1))
    .option(
      '--max-p95 <ms>',
      'end with 3 if the p95 of cold queries of any embedder is above',
      number(0, Number.POSITIVE_INFINITY),
    )
    .option('--state <folder>', 'where work is kept until all is done', '.tandem-bench')
    .option('--resume', 'go on with what a broken comparison kept')
    .action(async (flags: CompareFlags) => {
      process.exitCode = await untilInterrupted((signal) => run(flags, signal))
    })
}

async function run(flags: CompareFlags, signal: AbortSignal): Promise<number> {
  const settings = await loadSettings(flags)
  const { embedders, models, connection, collection, json, html, seed, reranker } = settings
  const given: CompareConfig = { ...settings.compare, ...withoutUndefined(flags) }
  const { corpus: path, split, textField, maxQueries, onTooLong, modes, language, minNdcg, maxP95 } = given
  if (path === undefined)
    throw new StoreError('CONFIGURATION', 'Say what to search in: --corpus <path>', { field: 'corpus' })
  const corpus = await loadCorpus(path, { split, textField, maxQueries, seed })
  const report = await compare({
    corpus,
    embedders,
    place: { ...connection, kind: settings.store, collection },
    models,
    onTooLong,
    modes,
    language,
    reranker,
    seed,
    state: { folder: flags.state, resume: flags.resume === true },
    configuration: {
      ...withoutUndefined({ corpus: path, split, textField, maxQueries, minNdcg, maxP95 }),
      asked: embedders.map(nameOf),
    },
    progress: createProgress(),
    signal,
  })
  process.stdout.write(`${formatComparison(report)}\n`)
  await writeReport(report, { json, html })
  const missed = missedThresholds(report, { minNdcg, maxP95 })
  for (const each of missed) process.stderr.write(`Missed: ${each}\n`)
  if (report.embedders.length === 0) return exitCodes.error
  return missed.length > 0 ? exitCodes.threshold : exitCodes.ok
}

function toModes(value: string): SearchMode[] {
  const wanted = value.split(',').map((word) => searchModes.find((mode) => mode === word.trim()))
  if (wanted.includes(undefined))
    throw new InvalidArgumentError(`Expected some of ${searchModes.join(', ')}, separated by commas.`)
  return wanted.filter((mode) => mode !== undefined)
}

function withoutUndefined<T extends object>(value: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries) as { [Name in keyof T]: Exclude<T[Name], undefined> }
}
