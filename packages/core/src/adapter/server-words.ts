/** Letters of a server's words that are kept. */
const MAX_LENGTH = 300
/** Letters of them that are looked through; what comes later would be cut anyway. */
const MAX_LOOKED_THROUGH = 16_384
/**
 * A part of a text that is this long, at its beginning or its end, is taken for the text: servers shorten what they
 * repeat.
 */
const ANCHOR = 16
/** Shorter texts are parts of too many words. */
const MIN_TEXT = 4
const REMOVED = '[text]'

/**
 * What a server says of a request, fit for messages, logs and databases: without the texts that were sent to it (as
 * they are or as JSON, whole, or shortened to their beginning or end), and at most `maxLength` letters, 300 by default.
 */
export function serverWords(words: string, texts: readonly string[], maxLength: number = MAX_LENGTH): string {
  let kept = words.length > MAX_LOOKED_THROUGH ? words.slice(0, MAX_LOOKED_THROUGH) : words
  for (const text of texts) {
    if (text.length < MIN_TEXT) continue
    const asJson = JSON.stringify(text).slice(1, -1)
    if (asJson !== text) kept = removeText(kept, asJson)
    kept = removeText(kept, text)
  }
  kept = kept.replace(/(?:\[text\])+/g, REMOVED)
  return kept.length > maxLength ? `${kept.slice(0, maxLength - 1).toWellFormed()}…` : kept
}

function removeText(words: string, text: string): string {
  if (text.length < ANCHOR) return removeWhole(words, text)
  return removeEnd(removeBeginning(words, text), text)
}

/** A short text, where it is no part of a longer word. */
function removeWhole(words: string, text: string): string {
  let kept = words
  for (let at = kept.indexOf(text); at >= 0; ) {
    const isAlone = !isWordy(kept[at - 1], text[0]) && !isWordy(kept[at + text.length], text.at(-1))
    if (isAlone) kept = kept.slice(0, at) + REMOVED + kept.slice(at + text.length)
    at = kept.indexOf(text, at + (isAlone ? REMOVED.length : 1))
  }
  return kept
}

/** Every longest beginning of the text. */
function removeBeginning(words: string, text: string): string {
  const anchor = text.slice(0, ANCHOR)
  let kept = words
  for (let at = kept.indexOf(anchor); at >= 0; at = kept.indexOf(anchor, at + REMOVED.length)) {
    let length = ANCHOR
    while (length < text.length && kept[at + length] === text[length]) length += 1
    kept = kept.slice(0, at) + REMOVED + kept.slice(at + length)
  }
  return kept
}

/** Every longest end of the text. */
function removeEnd(words: string, text: string): string {
  const anchor = text.slice(-ANCHOR)
  let kept = words
  for (let at = kept.indexOf(anchor); at >= 0; at = kept.indexOf(anchor, at + 1)) {
    let length = ANCHOR
    while (length < text.length && at > 0 && kept[at - 1] === text.at(-length - 1)) {
      at -= 1
      length += 1
    }
    kept = kept.slice(0, at) + REMOVED + kept.slice(at + length)
  }
  return kept
}

function isWordy(neighbour: string | undefined, edge: string | undefined): boolean {
  const letter = /[\p{L}\p{N}]/u
  return neighbour !== undefined && letter.test(neighbour) && edge !== undefined && letter.test(edge)
}
