import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tokenizer } from '@tandemstore/embed-local/make'

/** The tokens of the teacher in the order of their numbers: roughly by how frequent they are. */
export async function teacherTokens(modelFolder: string): Promise<string[]> {
  const { model } = JSON.parse(await readFile(join(modelFolder, 'tokenizer.json'), 'utf8'))
  const numbers: Record<string, number> = model.vocab
  return Object.keys(numbers).sort((a, b) => numbers[a] - numbers[b])
}

/** Those that stand for text: `[CLS]` and `[unused7]` do not. */
export function isText(token: string): boolean {
  return !/^\[.+\]$/.test(token)
}

/** Words of the texts that the vocabulary has only in pieces, the most frequent first. */
export function frequentWords(texts: readonly string[], vocabulary: readonly string[], most: number): string[] {
  const { encode } = tokenizer(vocabulary)
  const frequency = new Map<string, number>()
  for (const text of texts) {
    for (const word of new Set(text.toLowerCase().match(/\b[a-z][a-z0-9]{2,19}\b/g)))
      frequency.set(word, (frequency.get(word) ?? 0) + 1)
  }
  return [...frequency]
    .filter(([word]) => encode(word).length > 1)
    .sort(([a, timesA], [b, timesB]) => timesB - timesA || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([word]) => word)
}
