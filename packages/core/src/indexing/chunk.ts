/** Where a text may be cut, best first: paragraphs, lines, sentences, words. */
const boundaries: readonly RegExp[] = [/\n\s*\n/g, /\n/g, /[.!?…。！？]+\s+/g, /\s+/g]

/**
 * Cuts a text into parts of at most `maxTokens`, at the best boundary there is, else between code points. Joined, the parts are the text.
 * `countTokens` has to grow with the text, as an exact counter and an upper estimate do.
 */
export function chunkText(text: string, maxTokens: number, countTokens: (text: string) => number): string[] {
  const fits = (part: string) => countTokens(part) <= maxTokens
  return fits(text) ? [text] : pack(split(text, 0, fits), fits)
}

/** The first part that `chunkText` would give and that is not blank. */
export function truncateText(text: string, maxTokens: number, countTokens: (text: string) => number): string {
  return chunkText(text, maxTokens, countTokens).find((part) => part.trim() !== '') ?? ''
}

/** Pieces that each fit, as large as the best boundary gives them. */
function split(text: string, level: number, fits: (part: string) => boolean): string[] {
  if (fits(text)) return [text]
  const boundary = boundaries[level]
  if (boundary === undefined) return splitCodePoints(text, fits)
  const pieces: string[] = []
  let from = 0
  for (const match of text.matchAll(boundary)) {
    const end = match.index + match[0].length
    pieces.push(text.slice(from, end))
    from = end
  }
  if (from < text.length) pieces.push(text.slice(from))
  return pieces.flatMap((piece) => split(piece, level + 1, fits))
}

/** The longest runs of code points that fit; a single one that does not is left whole, for the embedder to judge. */
function splitCodePoints(text: string, fits: (part: string) => boolean): string[] {
  const pieces: string[] = []
  let from = 0
  while (from < text.length) {
    const length = mostThatFit(text.length - from, (units) => fits(text.slice(from, from + units)))
    let end = from + length
    // Not between the halves of a surrogate pair.
    if (end < text.length && /[\uDC00-\uDFFF]/.test(text[end] ?? '')) end += length > 1 ? -1 : 1
    pieces.push(text.slice(from, end))
    from = end
  }
  return pieces
}

/** Joins neighbours while they fit together. */
function pack(pieces: readonly string[], fits: (part: string) => boolean): string[] {
  const parts: string[] = []
  let from = 0
  while (from < pieces.length) {
    const count = mostThatFit(pieces.length - from, (some) => fits(pieces.slice(from, from + some).join('')))
    parts.push(pieces.slice(from, from + count).join(''))
    from += count
  }
  return parts
}

/** The most, from 1 to `all`, that fit; 1 even if it does not. Tries small numbers first: counting the tokens of what is far too long is slow. */
function mostThatFit(all: number, doFit: (some: number) => boolean): number {
  let low = 1
  let step = 1
  while (low + step <= all && doFit(low + step)) {
    low += step
    step *= 2
  }
  let high = Math.min(all, low + step - 1)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (doFit(middle)) low = middle
    else high = middle - 1
  }
  return low
}
