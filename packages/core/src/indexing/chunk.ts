/** Where a text may be cut, best first: paragraphs, lines, sentences, words. */
const boundaries: readonly RegExp[] = [/\n\s*\n/g, /\n/g, /[.!?…。！？]+\s+/g, /\s+/g]

/**
 * Cuts a text into parts of at most `maxTokens`, at the best boundary there is, else between code points. Joined, the parts are the text.
 * `countTokens` has to grow with the text, as an exact counter and an upper estimate do.
 */
export function chunkText(text: string, maxTokens: number, countTokens: (text: string) => number): string[] {
  return countTokens(text) <= maxTokens ? [text] : pack(split(text, 0, maxTokens, countTokens), maxTokens, countTokens)
}

/** The first part that `chunkText` would give. */
export function truncateText(text: string, maxTokens: number, countTokens: (text: string) => number): string {
  return chunkText(text, maxTokens, countTokens)[0] ?? ''
}

/** Pieces that each fit, as large as the best boundary gives them. */
function split(text: string, level: number, maxTokens: number, countTokens: (text: string) => number): string[] {
  if (countTokens(text) <= maxTokens) return [text]
  const boundary = boundaries[level]
  if (boundary === undefined) return splitCodePoints(text, maxTokens, countTokens)
  const pieces: string[] = []
  let from = 0
  for (const match of text.matchAll(boundary)) {
    const end = match.index + match[0].length
    pieces.push(text.slice(from, end))
    from = end
  }
  if (from < text.length) pieces.push(text.slice(from))
  return pieces.flatMap((piece) => split(piece, level + 1, maxTokens, countTokens))
}

/** The longest runs of code points that fit; a single one that does not is left whole, for the embedder to judge. */
function splitCodePoints(text: string, maxTokens: number, countTokens: (text: string) => number): string[] {
  const pieces: string[] = []
  let from = 0
  while (from < text.length) {
    let low = from + 1
    let high = text.length
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (countTokens(text.slice(from, middle)) <= maxTokens) low = middle
      else high = middle - 1
    }
    // Not between the halves of a surrogate pair.
    if (low < text.length && /[\uDC00-\uDFFF]/.test(text[low] ?? '')) low += low - from > 1 ? -1 : 1
    pieces.push(text.slice(from, low))
    from = low
  }
  return pieces
}

/** Joins neighbours while they fit together. */
function pack(pieces: readonly string[], maxTokens: number, countTokens: (text: string) => number): string[] {
  const parts: string[] = []
  let part = ''
  for (const piece of pieces) {
    if (part !== '' && countTokens(part + piece) > maxTokens) {
      parts.push(part)
      part = piece
    } else part += piece
  }
  if (part !== '') parts.push(part)
  return parts
}
