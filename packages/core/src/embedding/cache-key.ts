import { hash } from 'node:crypto'
import { stableJson } from '../document/stable-json.js'
import type { EmbedOptions, ModelIdentity } from '../ports/embedder.js'

/** SHA-256 of a text, base64url. */
export function hashText(text: string): string {
  return hash('sha256', text, 'base64url')
}

/**
 * What cache keys of a model and purpose begin with; the hash of the text follows. Two models, two lengths of vectors
 * or two purposes never share a key. 96 bits of the identity's hash are enough to tell models apart.
 */
export function cacheKeyPrefix(
  model: ModelIdentity,
  dimensions: number | undefined,
  purpose: EmbedOptions['purpose'],
): string {
  const identity = hashText(stableJson({ model, dimensions: dimensions ?? null }))
  return `${identity.slice(0, 16)}:${purpose === 'document' ? 'd' : 'q'}:`
}
