import { AutoModelForSequenceClassification, type Tensor } from '@huggingface/transformers'
import { StoreError } from '@tandemstore/core/adapter'
import { loadParts } from './loading.js'
import type { LoadedClassifier, ModelSource } from './protocol.js'

/** A cross-encoder in memory. */
export interface Classifier {
  readonly info: LoadedClassifier
  /** The logit of a pair; of two classes, that of the second above the first. */
  score(query: string, text: string): Promise<number>
}

/** Loads a sequence classifier; see `loadParts`. CONFIGURATION: it has more than two classes. */
export async function loadClassifier(source: ModelSource): Promise<Classifier> {
  const { model, encode, readable, tokenizer } = await loadParts(source, AutoModelForSequenceClassification)

  async function score(query: string, text: string): Promise<number> {
    const output: { readonly logits?: Tensor } = await model(encode(query, text).inputs)
    const logits = Array.from((output.logits?.data ?? []) as Float32Array)
    output.logits?.dispose()
    const [first, second] = logits
    if (first === undefined || logits.length > 2) {
      const message = `The model ${source.model} gives ${logits.length} numbers for a pair, and a cross-encoder gives 1, or 2`
      throw new StoreError('CONFIGURATION', message)
    }
    return second === undefined ? first : second - first
  }

  await score('query', 'text')
  return { info: { maxInputTokens: readable, tokenizer }, score }
}
