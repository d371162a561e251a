import { StoreError, toStoreError } from '../errors.js'
import type { Embedder } from '../ports/embedder.js'
import { markUnsaid } from '../resilience/unsaid.js'

/**
 * Tokens in a text, estimated from above for text in common languages and code. The weights lie just above what
 * OpenAI's cl100k_base needs, a byte-level vocabulary that is weak outside English; English prose comes out 1.5 to 1.8
 * times as long, and more where a vocabulary knows the language better. It never shrinks when a text grows. Random
 * letters can hold a tenth more than estimated; the provider has the last word.
 */
export function estimateTokens(text: string): number {
  let tokens = 0
  let letters = 0
  let spaces = 0
  let wasLower = false
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    const isLower = unit >= 0x61 && unit <= 0x7a
    if (isLower || (unit >= 0x41 && unit <= 0x5a)) {
      // A capital inside a word begins another: camelCase, base64.
      if (!isLower && wasLower) letters = 0
      // The first letter and every third after it; in a very long word every second.
      if (letters % (letters < 12 ? 3 : 2) === 0) tokens += 1
      letters += 1
      spaces = 0
      wasLower = isLower
      continue
    }
    letters = 0
    wasLower = false
    if (unit === 0x20) {
      // One space belongs to the word after it, a run of them is one token.
      if (spaces === 1) tokens += 1
      spaces += 1
      continue
    }
    spaces = 0
    tokens += weight(unit)
  }
  return Math.ceil(tokens)
}

/**
 * Tokens in texts of one kind, roughly: one of them is estimated, and the others by their length. For counts that
 * nothing depends on.
 */
export function estimateTogether(texts: readonly string[]): number {
  const sample = texts[texts.length >> 1] ?? ''
  let length = 0
  for (const text of texts) length += text.length
  return sample === '' ? 0 : Math.ceil((estimateTokens(sample) * length) / sample.length)
}

/** Tokens of one UTF-16 unit that is no ASCII letter. */
function weight(unit: number): number {
  // Digits and marks; Latin, Greek and Cyrillic letters.
  if (unit < 0x530) return 1
  // Armenian, Hebrew.
  if (unit < 0x600) return 2.2
  // Arabic; Devanagari, Thai and what lies between.
  if (unit < 0xe80) return 1.3
  // Tibetan, Burmese, Georgian, Khmer.
  if (unit < 0x1e00) return 2.2
  // Chinese, Japanese, Korean; each half of what has four bytes, such as emoji.
  return 1.6
}

/**
 * Counts tokens as the embedder does, else estimates from above; the longest prefix that the model puts before a text
 * is counted with it. Throws EMBEDDING_FAILED where the embedder cannot count.
 */
export function tokenCounter(embedder: Embedder): (text: string) => number {
  if (embedder.countTokens !== undefined) {
    return (text) => {
      try {
        return embedder.countTokens?.(text) ?? 0
      } catch (error) {
        if (StoreError.isInstance(error)) throw error
        throw markUnsaid(toStoreError(error, 'EMBEDDING_FAILED', 'The embedder could not count the tokens of a text'))
      }
    }
  }
  const prefixTokens = Math.max(
    0,
    ...Object.values(embedder.model.prefixes ?? {}).map((prefix = '') => estimateTokens(prefix)),
  )
  return prefixTokens === 0 ? estimateTokens : (text) => prefixTokens + estimateTokens(text)
}

/** How many tokens are used for each one that was counted, learnt from the usage that comes back. */
export interface TokenRatio {
  /** The highest of late, and 5 % more. 1 before the first usage. */
  readonly perToken: number
  learn(counted: number, used: number): void
}

export function createTokenRatio(): TokenRatio {
  let highest: number | undefined
  return {
    get perToken() {
      return highest === undefined ? 1 : highest * 1.05
    },
    learn(counted, used) {
      if (counted <= 0 || used <= 0) return
      const seen = used / counted
      // Up at once, down slowly: too high only costs speed, too low breaks the limit.
      highest = highest === undefined || seen > highest ? seen : highest + (seen - highest) * 0.2
    },
  }
}
