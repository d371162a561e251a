import { stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { DEFAULT_SEED } from '../options.js'
import { loadBeir, loadUnjudgedBeir } from './beir.js'
import type { Corpus } from './corpus.js'
import { noCorpus } from './errors.js'
import { sectionsOfFolder } from './folder.js'
import { sectionsOfJsonLines } from './json-lines.js'
import { knownItems } from './known-items.js'
import { createWarnings } from './warnings.js'

export interface CorpusOptions {
  /** Which judgements of a corpus in BEIR's layout: qrels/<split>.tsv. Default: `test`. */
  readonly split?: string | undefined
  /** Where a line of a JSONL file has its text. Default: `text`. */
  readonly textField?: string | undefined
  /** Queries made of a corpus without judgements, at most. Default: 500. */
  readonly maxQueries?: number | undefined
  /** Draws them where there are more. Default: 42. */
  readonly seed?: number | undefined
}

/**
 * Reads a corpus: a folder in BEIR's layout (one with corpus.jsonl), any other folder of Markdown and text files, or
 * a JSONL file with a text on each line. The last two have no judgements, and get the queries of known-item search.
 *
 * Errors: CONFIGURATION where there is no corpus, INVALID_ARGUMENT for a broken line, naming file and line. What is
 * odd but harmless is counted in `warnings`.
 */
export async function loadCorpus(path: string, options: CorpusOptions = {}): Promise<Corpus> {
  const { split = 'test' } = options
  return load(path, options, (folder) => loadBeir(folder, split))
}

/** Likewise, but of a corpus in BEIR's layout no judgements are read, and every query is taken. */
export async function loadUnjudgedCorpus(path: string, options: Omit<CorpusOptions, 'split'> = {}): Promise<Corpus> {
  return load(path, options, loadUnjudgedBeir)
}

async function load(
  path: string,
  options: CorpusOptions,
  loadFolder: (folder: string) => Promise<Corpus>,
): Promise<Corpus> {
  const { textField = 'text', maxQueries = 500, seed = DEFAULT_SEED } = options
  const known = { name: basename(resolve(path)), seed, maxQueries, warnings: createWarnings() }
  const found = await kindOf(path)
  if (found === 'file') {
    if (!['.jsonl', '.ndjson'].includes(extname(path).toLowerCase())) {
      throw noCorpus(`${path}: expected a folder or a .jsonl file`)
    }
    return knownItems(await sectionsOfJsonLines(path, textField, known.warnings), known)
  }
  if (found === undefined) throw noCorpus(`${path}: there is no such file or folder`)
  if ((await kindOf(join(path, 'corpus.jsonl'))) === 'file') {
    if ((await kindOf(join(path, 'queries.jsonl'))) !== 'file') {
      throw noCorpus(
        `${path}: there is no queries.jsonl beside corpus.jsonl; to search it without judgements, give the file`,
      )
    }
    return loadFolder(path)
  }
  const sections = await sectionsOfFolder(path)
  if (sections.length === 0) throw noCorpus(`${path}: there is no Markdown or text file in it`)
  return knownItems(sections, known)
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return undefined
    throw noCorpus(`${path}: it cannot be read`, error)
  }
}
