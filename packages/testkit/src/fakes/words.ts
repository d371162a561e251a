/** The words of a text, in lower case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

/** Words in a text, at least 1. */
export function countWords(text: string): number {
  return Math.max(1, wordsOf(text).length)
}
