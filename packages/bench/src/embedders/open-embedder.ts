import { StoreError } from '@tandemstore/core'
import { importOptional } from '../optional.js'
import { type EmbedderInput, isEmbedder, nameOf, type OpenEmbedder } from './available.js'
import { priceOf } from './prices.js'
import { parseSpec, type Spec } from './specs.js'
import { openTransformers } from './transformers-model.js'

export interface OpenEmbedderOptions {
  /** Folder of models for `transformers:`. Default: the environment variable TANDEM_MODELS. */
  readonly models?: string | undefined
}

/**
 * Makes an embedder, without trying it. Its packages are imported only now.
 *
 * @throws StoreError CONFIGURATION for a spec that names none, a package that is not installed (with what to
 * install), a missing key.
 */
export async function openEmbedder(input: EmbedderInput, options: OpenEmbedderOptions = {}): Promise<OpenEmbedder> {
  const name = nameOf(input)
  if (isEmbedder(input)) return { name, embedder: input, close: async () => {} }
  if (typeof input !== 'string' && 'embedder' in input) {
    const { embedder, pricePerMillionTokens } = input
    return { name, embedder, pricePerMillionTokens, close: async () => {} }
  }
  const { spec: word, pricePerMillionTokens } = typeof input === 'string' ? { spec: input } : input
  const spec = parseSpec(word)
  const made = await make(spec, options)
  return { name, ...made, pricePerMillionTokens: pricePerMillionTokens ?? priceOf(spec) }
}

async function make(
  { provider, model }: Spec,
  options: OpenEmbedderOptions,
): Promise<Pick<OpenEmbedder, 'embedder' | 'explain' | 'close'>> {
  const { models = process.env.TANDEM_MODELS || undefined } = options
  switch (provider) {
    case 'local': {
      const { local } = await import('@tandemstore/embed-local')
      const embedder = local()
      return { embedder, close: () => embedder.close() }
    }
    case 'transformers':
      return openTransformers(model, models)
    case 'openai': {
      const { openai } = await importOptional('@tandemstore/embed-openai', () => import('@tandemstore/embed-openai'))
      return { embedder: openai({ model }), close: async () => {} }
    }
    case 'gemini': {
      const { gemini } = await importOptional('@tandemstore/embed-gemini', () => import('@tandemstore/embed-gemini'))
      return { embedder: gemini({ model }), close: async () => {} }
    }
    default:
      throw new StoreError('CONFIGURATION', `There is no provider ${String(provider satisfies never)}`)
  }
}
