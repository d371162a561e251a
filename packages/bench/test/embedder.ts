import type { Embedder } from '@tandemstore/core/adapter'

/** A small embedder: how often each letter occurs, so that texts alike are near. */
export const embedder: Embedder = {
  model: { provider: 'test', name: 'letters' },
  dimensions: 26,
  embed: (texts) => ({ vectors: texts.map(countLetters), tokens: texts.length }),
}

function countLetters(text: string): Float32Array {
  const counts = new Float32Array(26).fill(0.01)
  for (const letter of text.toLowerCase()) {
    const place = letter.charCodeAt(0) - 97
    if (place >= 0 && place < 26) counts[place] = (counts[place] ?? 0) + 1
  }
  return counts
}
