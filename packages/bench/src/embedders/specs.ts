import { StoreError } from '@tandemstore/core'
import { type EmbedderInput, nameOf } from './available.js'

export const providers = ['local', 'transformers', 'openai', 'gemini'] as const

/** An embedder as one word of a command line. */
export interface Spec {
  readonly provider: (typeof providers)[number]
  /** Empty for `local`. */
  readonly model: string
}

/** Reads `local` or `<provider>:<model>`. CONFIGURATION for anything else. */
export function parseSpec(spec: string): Spec {
  const [, word = '', model = ''] = /^([a-z]+)(?::(.+))?$/.exec(spec.trim()) ?? []
  const provider = providers.find((each) => each === word)
  if (provider === undefined || (provider === 'local') !== (model === '')) {
    throw new StoreError(
      'CONFIGURATION',
      `${JSON.stringify(spec)} names no embedder: expected local, transformers:<model>, openai:<model>, gemini:<model>, or a name from the configuration file`,
      { field: 'embedder' },
    )
  }
  return { provider, model }
}

/**
 * CONFIGURATION for a spec that names no embedder, and for two embedders of one name, which nobody could tell apart.
 */
export function checkSpecs(inputs: readonly EmbedderInput[]): void {
  const names = new Set<string>()
  for (const input of inputs) {
    const name = nameOf(input)
    if (names.has(name)) {
      throw new StoreError('CONFIGURATION', `Two embedders are called ${name}: give one another name`, {
        field: 'embedders',
      })
    }
    names.add(name)
    if (typeof input === 'string') parseSpec(input)
    else if ('spec' in input) parseSpec(input.spec)
  }
}
