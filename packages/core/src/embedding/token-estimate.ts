import type { Embedder } from '../ports/embedder.js'

/**
 * Tokens in a text, estimated from above for text in any common language. Byte-level BPE, WordPiece and SentencePiece vocabularies
 * give prose 4 to 5 ASCII letters a token, two-byte scripts (Cyrillic, Arabic, …) 1 to 2.5 characters, three-byte ones (Chinese,
 * Hindi, Thai, …) 0.7 to 1.5, and an emoji 1 to 3 tokens. Counted here: 3 letters of one word, a digit, a mark, a line break
 * or a run of spaces as a token, 1 for a two-byte character, 1.5 for a three-byte one, 3 for one of four bytes.
 * It never shrinks when a text grows. Random letters (base64) can hold up to twice as many; the provider has the last word.
 */
export function estimateTokens(text: string): number {
  let tokens = 0
  let letters = 0
  let spaces = 0
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    const lower = unit | 0x20
    if (lower >= 0x61 && lower <= 0x7a) {
      // The first letter of a word, and every third after it.
      if (letters % 3 === 0) tokens += 1
      letters += 1
      spaces = 0
      continue
    }
    letters = 0
    if (unit === 0x20) {
      // One space belongs to the word after it.
      if (spaces === 1) tokens += 1
      spaces += 1
      continue
    }
    spaces = 0
    if (unit < 0x800) tokens += 1
    // Each half of a surrogate pair comes by here, which makes 3.
    else tokens += 1.5
  }
  return Math.ceil(tokens)
}

/** Counts tokens as the embedder does, else estimates from above. */
export function tokenCounter(embedder: Embedder): (text: string) => number {
  return embedder.countTokens === undefined ? estimateTokens : (text) => embedder.countTokens?.(text) ?? 0
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
