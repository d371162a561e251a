import { type Json, type Language, type SearchMode, StoreError } from '@tandemstore/core'
import type { Reranker } from '@tandemstore/core/adapter'
import { type Corpus, corpusDigest, countJudgements } from '../corpus/corpus.js'
import { type EmbedderInput, nameOf, type UnavailableEmbedder } from '../embedders/available.js'
import { openEmbedder } from '../embedders/open-embedder.js'
import { checkSpecs } from '../embedders/specs.js'
import { tryEmbedder } from '../embedders/try-embedder.js'
import { DEFAULT_SEED, searchModes, storeKinds } from '../options.js'
import { type Progress, silentProgress } from '../progress.js'
import { packageVersions, reportBase } from '../report.js'
import type { CompareReport } from '../result.js'
import { checkWords } from '../store/check-words.js'
import { identityOf, type StorePlace } from '../store/open-store.js'
import { concludeCompare } from './conclusion.js'
import { watchEmbedder } from './embedder-errors.js'
import { type MeasuredEmbedder, measureEmbedder } from './measure-embedder.js'
import { concludeModes } from './modes-conclusion.js'
import { openRunState, type RunState } from './run-state.js'
import { TIMED_LIMIT } from './search-corpus.js'
import { withSignificance } from './significance.js'

export interface CompareOptions {
  readonly corpus: Corpus
  /** At least one; significance is told against the first that can be had. Names are distinct. */
  readonly embedders: readonly EmbedderInput[]
  /** Where the documents are put, and deleted at the end. Default: `{ kind: 'memory', collection: 'tandem_bench' }`. */
  readonly place?: StorePlace | undefined
  /** Folder of models for `transformers:`. Default: the environment variable TANDEM_MODELS. */
  readonly models?: string | undefined
  /**
   * A text above the model's limit: cut it there, or embed it in parts. Default: `truncate` for a judged corpus, else
   * `chunk`.
   */
  readonly onTooLong?: 'truncate' | 'chunk' | undefined
  /** Which searches are scored; by vector always. Default: `['vector', 'keyword', 'hybrid']`. */
  readonly modes?: readonly SearchMode[] | undefined
  /** Finds words by their other forms, too: see `index.keywords.language` of core. Default: words as they are written. */
  readonly language?: Language | undefined
  /** Scores hybrid searches once more, with their best 50 in its order. Default: none. */
  readonly reranker?: Reranker | undefined
  /** Draws the samples of the confidence intervals and tests. Default: 42. */
  readonly seed?: number | undefined
  /** Where vectors and results are kept until all is done. Default: nowhere. */
  readonly state?: { readonly folder: string; readonly resume: boolean } | undefined
  /** More for the report's configuration, such as the path of the corpus. */
  readonly configuration?: Readonly<Record<string, Json>> | undefined
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Compares embedders on one corpus, one after another: quality by exact search and by the store's own, speed,
 * latency, tokens and cost. One that can't be had, or fails on the way, is listed with the reason, and the others are
 * compared.
 *
 * @throws StoreError CONFIGURATION for a spec that names no embedder, two embedders of one name, an unknown mode or
 * language, or a store that is not its own; ABORTED or the signal's reason; and what databases report.
 */
export async function compare(options: CompareOptions): Promise<CompareReport> {
  const startedAt = new Date()
  const { corpus, embedders, place = { kind: 'memory', collection: 'tandem_bench' }, seed = DEFAULT_SEED } = options
  const { modes = searchModes, language, reranker } = options
  const { progress = silentProgress, signal = new AbortController().signal, configuration = {} } = options
  const onTooLong = options.onTooLong ?? (corpus.kind === 'judged' ? 'truncate' : 'chunk')
  checkSpecs(embedders)
  if (!storeKinds.includes(place.kind))
    throw new StoreError('CONFIGURATION', `place.kind: expected one of ${storeKinds.join(', ')}`, {
      field: 'place.kind',
    })
  for (const mode of modes)
    if (!searchModes.includes(mode))
      throw new StoreError('CONFIGURATION', `modes: expected some of ${searchModes.join(', ')}`, { field: 'modes' })
  await checkWords(language, reranker)
  const searched = { modes: searchModes.filter((mode) => modes.includes(mode)), language, reranker }
  const searchedAs = { modes: searched.modes, language: language ?? null, reranker: reranker?.name ?? null }
  const warnings = [...corpus.warnings]
  const state = await openRunState({
    ...options.state,
    resume: options.state?.resume ?? false,
    identity: JSON.stringify([
      3,
      corpusDigest(corpus),
      identityOf(place),
      onTooLong,
      searchedAs,
      seed,
      await packageVersions(),
    ]),
    warn: (message) => void warnings.push(message),
  })
  const measured: MeasuredEmbedder[] = []
  const unavailable: UnavailableEmbedder[] = []
  // What failed on the way may come to its end another time, and needs what was kept until then.
  let unfinished = false
  try {
    for (const input of embedders) {
      const result = await measure(input, state, {
        corpus,
        place,
        onTooLong,
        ...searched,
        seed,
        progress,
        signal,
        models: options.models,
      })
      if ('reason' in result) {
        unavailable.push({ name: result.name, reason: result.reason })
        unfinished ||= result.onTheWay === true
        progress.say(`${result.name} cannot be compared: ${result.reason}`)
      } else {
        measured.push(result)
        warnings.push(...result.storeWarnings.filter((each) => !warnings.includes(each)), ...result.warnings)
      }
    }
    if (!unfinished) await state.remove()
  } finally {
    progress.end()
    await state.release()
  }
  const kept = {
    onTooLong,
    ...searchedAs,
    timedLimit: TIMED_LIMIT,
    embedders: measured.map((each) => each.configuration),
  }
  return {
    ...(await reportBase({
      startedAt,
      seed,
      configuration: { ...configuration, store: place.kind, ...kept },
      warnings,
      versions: Object.assign({}, ...measured.map(({ versions }) => versions)),
    })),
    command: 'compare',
    corpus: {
      name: corpus.name,
      documents: corpus.documents.length,
      queries: corpus.queries.length,
      judgements: countJudgements(corpus),
      kind: corpus.kind,
    },
    store: place.kind,
    embedders: withSignificance(measured, seed),
    unavailable,
    conclusion: [concludeCompare({ measured, unavailable, corpus, seed }), concludeModes(measured)].join(' ').trim(),
  }
}

type MeasureAll = Omit<Parameters<typeof measureEmbedder>[0], 'open' | 'state'> & {
  readonly models: string | undefined
}

async function measure(
  input: EmbedderInput,
  runState: RunState,
  options: MeasureAll,
): Promise<MeasuredEmbedder | (UnavailableEmbedder & { readonly onTheWay?: true })> {
  const { models, signal, progress } = options
  signal.throwIfAborted()
  const name = nameOf(input)
  const opened = await orReason(name, signal, () => openEmbedder(input, { models }))
  if ('reason' in opened) return opened
  try {
    const state = await runState.of(opened)
    if (state.earlier !== undefined) {
      const { at, measured } = state.earlier
      const told = `${name} was measured by an earlier run, which ended with it at ${at}, and not again`
      progress.say(told)
      return { ...measured, warnings: [...measured.warnings, told] }
    }
    progress.begin(`${name}: trying it`, 1, 'texts')
    const tried = await orReason(name, signal, () => tryEmbedder(opened.embedder, signal))
    if (tried !== undefined) return { name, reason: (await opened.explain?.(signal)) ?? tried.reason }
    const { embedder, caused } = watchEmbedder(opened.embedder)
    const open = { ...opened, embedder }
    // What the store gets wrong would be as wrong with the next embedder, and ends the comparison.
    const result = await orReason(name, signal, () => measureEmbedder({ ...options, open, state }), caused)
    if ('reason' in result) return { ...result, onTheWay: true }
    await state.keep(result)
    return result
  } finally {
    await opened.close()
  }
}

async function orReason<T>(
  name: string,
  signal: AbortSignal,
  call: () => Promise<T>,
  isReason: (error: StoreError) => boolean = () => true,
): Promise<T | UnavailableEmbedder> {
  try {
    return await call()
  } catch (error) {
    signal.throwIfAborted()
    if (!StoreError.isInstance(error) || !isReason(error)) throw error
    return { name, reason: error.message }
  }
}
