/** UTF-16 units of a block, about. */
const BLOCK = 4096

/** Letters, digits, pictures, and the signs that join them. */
const chunk = /[\p{L}\p{M}\p{N}\p{ExtPict}\p{RI}\p{Join_C}_.\-/\\:@+#]+/gu
/** The same, found three times as fast. */
const asciiChunk = /[A-Za-z0-9_.\-/\\:@+#]+/g

/** What looks like nothing or only paints: soft hyphens, marks of direction, variation selectors, tones of skin. */
const invisible = /[[\p{DI}\p{EMod}]--[\u200B\u200D]]+/gv
const hyphens = /[\u2010\u2011\u2212]/g

/**
 * More marks than any letter of a language has; those behind are left out. Ordering a long run of marks takes time by
 * the square of its length. The limit is that of Unicode's stream-safe text (UAX #15).
 */
const manyMarks = /(\p{M}{30})\p{M}+/gu

const isAscii = /^[\0-\x7F]*$/

/** The runs of letters, digits and joining signs of a text in NFKC, in its order, a block of the text at a time. */
export function* chunkBlocks(text: string): Generator<readonly string[], undefined, undefined> {
  for (let from = 0; from < text.length; ) {
    const to = endOfBlock(text, from)
    const block = text.slice(from, to)
    yield (isAscii.test(block) ? block.match(asciiChunk) : normalised(block).match(chunk)) ?? []
    from = to
  }
}

/** At white space; where there is none for long, in the midst of a word. */
function endOfBlock(text: string, from: number): number {
  if (text.length - from <= 2 * BLOCK) return text.length
  const space = text.slice(from + BLOCK, from + 2 * BLOCK).search(/\s/)
  if (space >= 0) return from + BLOCK + space
  const end = from + 2 * BLOCK
  const isInsidePair = /[\uDC00-\uDFFF]/.test(text.charAt(end)) && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))
  return isInsidePair ? end - 1 : end
}

function normalised(block: string): string {
  const orderly = block.toWellFormed().replace(manyMarks, '$1')
  return orderly.normalize('NFKC').replace(invisible, '').replace(hyphens, '-')
}
