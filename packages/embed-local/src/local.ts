import type { Embedder, EmbedOptions, EmbedResult } from '@tandemstore/core/adapter'
import { aborted, invalid, StoreError } from '@tandemstore/core/errors'
import { loadDefaultModel } from './default-model.js'
import { embedTokens } from './embed-tokens.js'
import { identity } from './identity.js'
import { nextTask } from './next-task.js'
import { readStaticModel, type StaticModel } from './static-model.js'
import { countWords, type Tokenizer, tokenizer } from './tokenizer.js'

export interface LocalOptions {
  /**
   * Length of the vectors, from 64 to 256, the default; the first dimensions matter most. Part of the model's
   * identity.
   */
  readonly dimensions?: number | undefined
  /**
   * The bytes of a data file. Default: the one of this package, read by the first call. For bundlers that do not copy
   * it, and for tables of your own.
   */
  readonly data?: Uint8Array | undefined
}

/** An embedder in plain JavaScript, in the thread that calls it. */
export interface LocalEmbedder extends Embedder, AsyncDisposable {
  readonly dimensions: number
  /** Words and symbols in a text, exactly. */
  countTokens(text: string): number
  /** Reads the whole of each text. A text without a word or symbol: EMBEDDING_FAILED. */
  embed(texts: readonly string[], options: EmbedOptions): Promise<EmbedResult>
  /** Lets go of the table. Pending and later calls are refused with CLOSED. Not needed for the process to end. */
  close(): Promise<void>
}

interface Table {
  readonly model: StaticModel
  readonly tokens: Tokenizer
}

const minDimensions = 64
/** The mean of more words than these says little about any of them. */
const maxInputTokens = 256
/** How long a batch may keep the event loop from others, milliseconds. */
const sliceMs = 8

/** All embedders share the package's table for as long as one of them holds it. */
let shared: WeakRef<Promise<Table>> | undefined

/**
 * A static model: a text's vector is the weighted mean of the vectors of its tokens, from a table of 8 MB that was
 * distilled from all-MiniLM-L6-v2. English, short texts, no key, no download; the same bits on every machine.
 *
 * Errors: INVALID_ARGUMENT for wrong options, CONFIGURATION for `data` that is no data file. Errors of `embed`:
 * EMBEDDING_FAILED (a text holds nothing to embed), CONFIGURATION (the data file cannot be read), ABORTED, CLOSED.
 */
export function local(options: LocalOptions = {}): LocalEmbedder {
  const { name, revision, dimensions: length, table } = open(options)
  const { dimensions = length } = options
  if (!(Number.isInteger(dimensions) && dimensions >= minDimensions && dimensions <= length))
    throw invalid('dimensions', `a whole number from ${minDimensions} to ${length}`)
  let held = table
  let closed = false

  function checkOpen(): void {
    if (closed) throw new StoreError('CLOSED', 'The embedder was closed')
  }

  /** After a failure the next call tries again. */
  async function openTable(): Promise<Table> {
    held ??= sharedTable()
    try {
      return await held
    } catch (error) {
      held = undefined
      throw error
    }
  }

  async function embed(texts: readonly string[], { signal }: EmbedOptions): Promise<EmbedResult> {
    checkOpen()
    const { model, tokens } = await openTable()
    const vectors: Float32Array[] = []
    let used = 0
    let sliceEnd = performance.now() + sliceMs
    for (const text of texts) {
      if (performance.now() >= sliceEnd) {
        await nextTask()
        sliceEnd = performance.now() + sliceMs
      }
      checkOpen()
      if (signal?.aborted) throw aborted(signal)
      const vector = embedTokens(tokens.encode(text), model, dimensions)
      if (vector === undefined) throw new StoreError('EMBEDDING_FAILED', 'The text holds nothing to embed')
      vectors.push(vector)
      used += countWords(text)
    }
    return { vectors, tokens: used }
  }

  async function close(): Promise<void> {
    closed = true
    held = undefined
  }

  return {
    model: {
      provider: 'local',
      name,
      revision,
      normalized: true,
      ...(dimensions === length ? {} : { options: { dimensions } }),
    },
    dimensions,
    limits: { maxInputs: 256, maxInputTokens, maxConcurrency: 1 },
    countTokens: countWords,
    embed,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function open(
  options: LocalOptions,
): Pick<StaticModel, 'name' | 'revision' | 'dimensions'> & { table?: Promise<Table> } {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'an object')
  const { dimensions: _, data, ...others } = options
  // Whoever names a model has another one in mind.
  if (Object.keys(others).length > 0)
    throw invalid('options', 'only dimensions and data, as this embedder has one model')
  if (data === undefined) return identity
  if (!(data instanceof Uint8Array)) throw invalid('data', 'a Uint8Array')
  const model = readStaticModel(data)
  return { ...model, table: Promise.resolve(tableOf(model)) }
}

function sharedTable(): Promise<Table> {
  const known = shared?.deref()
  if (known !== undefined) return known
  const loading = (async () => tableOf(await loadDefaultModel()))()
  shared = new WeakRef(loading)
  loading.catch(() => {
    shared = undefined
  })
  return loading
}

function tableOf(model: StaticModel): Table {
  return { model, tokens: tokenizer(model.vocabulary) }
}
