/** Cuts texts into numbers that stand for the rows of a table. */
export interface Tokenizer {
  /**
   * The tokens of a text, in its order. At 0 and above: a row of the vocabulary. Below: something it does not have,
   * which `~token` hashes.
   */
  encode(text: string): number[]
}

/** A run of letters, marks and digits is a word; anything else that can be seen stands alone. */
const words = /[\p{L}\p{M}\p{N}]+|[^\s\p{Cc}\p{Cf}]/gu
/** Each ideograph is a word of its own. */
const ideographs = /\p{Script=Han}|\P{Script=Han}+/gu
const isAscii = /^[\0-\x7f]+$/
/** Where a word that the vocabulary lacks may consist of several: `fooBar`, `HTTPServer`, `utf8`. */
const humps = /(?<=\p{Ll}|\p{N})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/u
/** Longer words, such as encoded data, are cut to parts of this length. */
const maxWordLength = 64
const maxRemembered = 20_000

/**
 * WordPiece, as BERT's uncased models have it (longest piece first, `##` before one that continues a word), with
 * three differences: compound identifiers are taken apart at their capitals, symbols stand alone, and words that the
 * vocabulary lacks or only spells are hashed: whole, and by three characters each.
 */
export function tokenizer(vocabulary: readonly string[]): Tokenizer {
  const rows = new Map(vocabulary.map((token, row) => [token, row]))
  const longest = vocabulary.reduce((length, token) => Math.max(length, token.length), 0)
  const remembered = new Map<string, readonly number[]>()

  function encodeWord(word: string): readonly number[] {
    const plain = fold(word)
    const known = rows.get(plain)
    if (known !== undefined) return [known]
    return word.split(humps).flatMap((part) =>
      chunks(part)
        .flatMap((chunk) => fold(chunk).match(ideographs) ?? [])
        .flatMap(encodePart),
    )
  }

  function encodePart(part: string): readonly number[] {
    const known = rows.get(part)
    if (known !== undefined) return [known]
    const characters = [...part]
    const pieces = isAscii.test(part) ? cutIntoPieces(part) : []
    // Pieces tell nothing of a word of which hardly more than its letters is known.
    return pieces.length === 0 || pieces.length === characters.length ? hashes(characters) : pieces
  }

  /** The longest piece first; nothing where some character has none. */
  function cutIntoPieces(part: string): number[] {
    const pieces: number[] = []
    for (let from = 0; from < part.length; ) {
      let end = Math.min(part.length, from + longest)
      let row: number | undefined
      for (; end > from; end--) {
        row = rows.get((from === 0 ? '' : '##') + part.slice(from, end))
        if (row !== undefined) break
      }
      if (row === undefined) return []
      pieces.push(row)
      from = end
    }
    return pieces
  }

  return {
    encode: (text) => {
      const tokens: number[] = []
      for (const [word] of text.matchAll(words)) {
        let known = remembered.get(word)
        if (known === undefined) {
          known = encodeWord(word)
          if (remembered.size >= maxRemembered) remembered.clear()
          if (word.length <= maxWordLength) remembered.set(word, known)
        }
        for (const token of known) tokens.push(token)
      }
      return tokens
    },
  }
}

/** Words and symbols of a text, in time linear in it and without a vocabulary. It never shrinks when a text grows. */
export function countWords(text: string): number {
  let count = 0
  for (const [word] of text.matchAll(words)) {
    if (word.length === 1 || isAscii.test(word)) count += Math.ceil(word.length / maxWordLength)
    else for (const [part] of word.matchAll(ideographs)) count += Math.ceil(part.length / maxWordLength)
  }
  return count
}

/** Without capitals and accents. */
function fold(word: string): string {
  return word
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
}

function chunks(word: string): string[] {
  if (word.length <= maxWordLength) return [word]
  return word.match(new RegExp(`.{1,${maxWordLength}}`, 'gsu')) ?? []
}

/** A word, and its characters by threes, so that forms of one word are alike. */
function hashes(characters: readonly string[]): number[] {
  const found = [~hash(characters.join(''))]
  if (characters.length < 3) return found
  const marked = ['<', ...characters, '>']
  for (let from = 0; from + 3 <= marked.length; from++) found.push(~hash(marked.slice(from, from + 3).join('')))
  return found
}

/** FNV-1a over UTF-16 units, 31 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value & 0x7fffffff
}
