import { type Json, type Language, StoreError } from '@tandemstore/core'
import type { Command } from 'commander'
import { loadSettings } from '../config/settings.js'
import { loadUnjudgedCorpus } from '../corpus/load-corpus.js'
import { openEmbedder } from '../embedders/open-embedder.js'
import { untilInterrupted } from '../interrupt.js'
import { number, type SharedOptions, withSharedOptions } from '../options.js'
import { createProgress } from '../progress.js'
import { writeReport } from '../report.js'
import type { Report } from '../result.js'
import { checkWords } from '../store/check-words.js'
import type { KeywordsSetting } from './keywords.js'
import { type BenchTexts, corpusTexts, syntheticTexts } from './texts.js'
import type { Workload } from './workload.js'

/** The flags of the commands that measure a store. */
export interface WorkloadFlags extends SharedOptions {
  readonly corpus?: string | undefined
  readonly textField?: string | undefined
  readonly maxP95?: number | undefined
  readonly keywords?: boolean | undefined
  readonly language?: Language | undefined
}

/** Of the commands that search by each mode. */
export function withKeywordsOptions(command: Command): Command {
  return command
    .option('--keywords', 'find documents by words, too, and measure searches of each mode')
    .option('--language <name>', 'of the words, such as english: finds them by their other forms, too; with --keywords')
}

export function withWorkloadOptions(command: Command): Command {
  return withSharedOptions(command)
    .option('--corpus <path>', 'documents to store: a folder or a JSONL file (default: made up)')
    .option('--text-field <name>', 'where a line of a JSONL file has its text (default: text)')
    .option(
      '--max-p95 <ms>',
      'end with 3 if searches take longer at their 95th percentile',
      number(0, Number.POSITIVE_INFINITY),
    )
}

/**
 * Runs a benchmark as flags and configuration say, until it ends or is interrupted, writes its report where it is
 * wanted, and prints what `print` makes of it. `own` is what the command's own flags say, for the report.
 */
export async function runWorkload<Result extends Report>(
  flags: WorkloadFlags,
  own: { readonly [name: string]: Json },
  run: (workload: Workload) => Promise<Result>,
  print: (report: Result) => string,
): Promise<Result> {
  const settings = await loadSettings(flags)
  const [wanted] = settings.embedders
  if (wanted === undefined || (flags.embedder?.length ?? 0) > 1)
    throw new StoreError('CONFIGURATION', 'This takes one --embedder; compare takes several', { field: 'embedder' })
  const { store: kind, collection, seed, models } = settings
  const keywords = keywordsOf(flags)
  await checkWords(flags.language)
  const { search } = settings.connection
  const searchedAs = {
    ...(keywords !== false && { keywords: { language: flags.language ?? null } }),
    ...(search !== undefined && { search }),
  }
  const report = await untilInterrupted(async (signal) => {
    const { texts, warnings } = await openTexts(flags, seed)
    const opened = await openEmbedder(wanted, { models })
    try {
      return await run({
        place: { ...settings.connection, kind, collection },
        embedder: opened.embedder,
        embedderName: opened.name,
        texts,
        keywords,
        seed,
        configuration: { embedder: opened.name, store: kind, collection, corpus: texts.name, ...searchedAs, ...own },
        warnings,
        progress: createProgress(),
        signal,
      })
    } finally {
      await opened.close()
    }
  })
  const notes = report.warnings.map((warning) => `Note: ${warning}`)
  process.stdout.write(`${[print(report), ...notes, report.conclusion].join('\n\n')}\n`)
  await writeReport(report, settings)
  return report
}

function keywordsOf({ keywords = false, language }: WorkloadFlags): KeywordsSetting {
  if (language === undefined) return keywords
  if (!keywords) throw new StoreError('CONFIGURATION', '--language is of --keywords', { field: 'language' })
  return { language }
}

async function openTexts(
  { corpus, textField }: WorkloadFlags,
  seed: number,
): Promise<{ readonly texts: BenchTexts; readonly warnings: readonly string[] }> {
  if (corpus === undefined) return { texts: syntheticTexts(seed), warnings: [] }
  const loaded = await loadUnjudgedCorpus(corpus, { seed, textField })
  return { texts: corpusTexts(loaded), warnings: loaded.warnings }
}
