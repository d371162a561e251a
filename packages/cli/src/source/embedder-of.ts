import { isDeepStrictEqual } from 'node:util'
import type { Embedder, ModelIdentity, SpaceRecord } from '@tandemstore/core/adapter'
import { wrongUsage } from '../exit-codes.js'
import { importOptional } from '../optional.js'
import { modelName } from './choose-space.js'

export interface OwnEmbedder {
  readonly embedder: Embedder
  close(): Promise<void>
}

type Model = Pick<SpaceRecord, 'model' | 'dimensions'>

/**
 * The embedder of a space, made from what the space knows of its model. CONFIGURATION where the package is missing, or
 * the model has settings that only its program knows.
 */
export async function embedderOf(space: Model): Promise<OwnEmbedder> {
  const made = await make(space)
  if (made !== undefined && isDeepStrictEqual(plain(made.embedder.model), plain(space.model))) return made
  await made?.close()
  throw wrongUsage(
    `The vectors are of the model ${modelName(space)}, with settings that only its program has: give --config`,
  )
}

async function make({ model, dimensions }: Model): Promise<OwnEmbedder | undefined> {
  const { provider, name, options } = model as unknown as ModelIdentity
  // Asked for only where the identity says that somebody did.
  const length = options?.dimensions === undefined ? {} : { dimensions: Number(options.dimensions) }
  const close = async (): Promise<void> => {}
  switch (provider) {
    case 'local': {
      const { local } = await import('@tandemstore/embed-local')
      const embedder = local({ dimensions })
      return { embedder, close: () => embedder.close() }
    }
    case 'openai': {
      const { openai } = await importOptional('@tandemstore/embed-openai', () => import('@tandemstore/embed-openai'))
      return { embedder: openai({ model: name, ...length }), close }
    }
    case 'gemini': {
      const { gemini } = await importOptional('@tandemstore/embed-gemini', () => import('@tandemstore/embed-gemini'))
      return { embedder: gemini({ model: name, ...length }), close }
    }
    case 'transformers': {
      const { transformers } = await importOptional(
        '@tandemstore/embed-transformers',
        () => import('@tandemstore/embed-transformers'),
      )
      const { dtype, pooling, revision, prefixes } = model as unknown as Parameters<typeof transformers>[0]
      const localModelPath = process.env.TANDEM_MODELS || undefined
      const embedder = transformers({ model: name, dtype, pooling, revision, prefixes, localModelPath })
      return { embedder, close: () => embedder.close() }
    }
    default:
      return undefined
  }
}

/** Without what is undefined, as it comes back from a database. */
function plain(model: unknown): unknown {
  return JSON.parse(JSON.stringify(model))
}

/** The name of a model without the model: for all that needs its space and embeds nothing. */
export function nameOnly(space: Model): Embedder {
  return {
    model: space.model as unknown as ModelIdentity,
    dimensions: space.dimensions,
    embed() {
      throw wrongUsage(`This would have to embed a text with ${modelName(space)}: give --config with its embedder`)
    },
  }
}
