import { AutoModel, type Tensor } from '@huggingface/transformers'
import { StoreError } from '@tandemstore/core/adapter'
import { loadParts } from './loading.js'
import { pool } from './pooling.js'
import type { EmbeddedText, EmbeddingSource, LoadedModel } from './protocol.js'

/** A model in memory. */
export interface Model {
  readonly info: LoadedModel
  embed(text: string): Promise<EmbeddedText>
}

/** Loads an embedding model; see `loadParts`. */
export async function loadModel(source: EmbeddingSource): Promise<Model> {
  const { model, encode, readable, tokenizer } = await loadParts(source, AutoModel)

  async function embed(text: string): Promise<EmbeddedText> {
    const { inputs, tokens } = encode(text)
    const output: Record<string, Tensor | undefined> = await model(inputs)
    const states = output.last_hidden_state ?? output.token_embeddings
    if (states === undefined) {
      const outputs = Object.keys(output).join(', ')
      throw new StoreError('CONFIGURATION', `The model ${source.model} gives no token embeddings, but ${outputs}`)
    }
    const dimensions = states.dims.at(-1) ?? 0
    const vector = pool(states.data as Float32Array, dimensions, source.pooling)
    for (const tensor of Object.values(output)) tensor?.dispose()
    return { vector, tokens }
  }

  const { vector } = await embed('text')
  return { info: { dimensions: vector.length, maxInputTokens: readable, tokenizer }, embed }
}
