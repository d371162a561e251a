/** The pieces of a SentencePiece vocabulary with their log probabilities (those with a colon have lost theirs), reserved symbols first. */
export type Vocabulary = readonly (readonly [piece: string, score: number | null])[]

interface Node {
  score?: number
  readonly next: Map<string, Node>
}

/** Marks where a word begins. */
const wordStart = '\u2581'
/** The first entries of the vocabulary stand for no text. */
const reservedSymbols = 6
const maxRemembered = 20_000
/** More than a word can have of pieces that matter: the model takes 128, and no piece is longer than 16. */
const maxWordLength = 2048

export interface WordPieces {
  /** The pieces of a text. */
  count(text: string): number
  /** The words at the beginning of a text that have at least `tokens` pieces together, or all there are; one space between them. */
  cut(text: string, tokens: number): { readonly text: string; readonly tokens: number }
}

/**
 * Counts as the model's own tokenizer does (a unigram language model: the likeliest pieces, unknown characters in a row are one), in time linear
 * in the text. No piece spans two words, so words count separately, and those seen before are remembered.
 */
export function wordPieces(vocabulary: Vocabulary): WordPieces {
  const root = buildTree(vocabulary)
  const remembered = new Map<string, number>()

  function countWord(word: string, at: number): number {
    // The tokenizer weighs the first word a little differently: to it, a score of 0 is none.
    if (at === 0) return countPieces(root, word, 0)
    const known = remembered.get(word)
    if (known !== undefined) return known
    const count = countPieces(root, word, -1)
    if (remembered.size >= maxRemembered) remembered.clear()
    if (word.length <= 32) remembered.set(word, count)
    return count
  }

  return {
    count: (text) => words(text).reduce((sum, word, at) => sum + countWord(word, at), 0),
    cut: (text, tokens) => {
      const taken: string[] = []
      let count = 0
      for (const word of words(text)) {
        if (count >= tokens) break
        const cutWord = word.slice(0, maxWordLength)
        count += countWord(cutWord, taken.length)
        taken.push(cutWord)
      }
      return { text: taken.join(' '), tokens: count }
    },
  }
}

/** In the normal form and with the single spaces that the model was trained on; its tokenizer would take line breaks for unknown characters. */
function words(text: string): string[] {
  return text.normalize('NFKC').split(/\s+/).filter(Boolean)
}

function buildTree(vocabulary: Vocabulary): Node {
  const root: Node = { next: new Map() }
  for (const [piece, score] of vocabulary.slice(reservedSymbols)) {
    let node = root
    for (const symbol of piece) {
      let next = node.next.get(symbol)
      if (next === undefined) {
        next = { next: new Map() }
        node.next.set(symbol, next)
      }
      node = next
    }
    node.score = score ?? 0
  }
  return root
}

/** Pieces on the likeliest way through a word (Viterbi), after words that scored `scoreBefore`. */
function countPieces(root: Node, word: string, scoreBefore: number): number {
  const symbols = [wordStart, ...word]
  const best: number[] = [scoreBefore]
  const count: number[] = [0]
  const unknown: boolean[] = [false]
  for (const [start, first] of symbols.entries()) {
    const before = best[start] ?? 0
    const pieces = count[start] ?? 0
    let node = root.next.get(first)
    if (node === undefined) {
      best[start + 1] = before
      count[start + 1] = unknown[start] ? pieces : pieces + 1
      unknown[start + 1] = true
    }
    for (let end = start + 1; node !== undefined; end++) {
      const known = best[end] ?? 0
      if (node.score !== undefined && (known === 0 || before + node.score >= known)) {
        best[end] = before + node.score
        count[end] = pieces + 1
        unknown[end] = false
      }
      const symbol = symbols[end]
      node = symbol === undefined ? undefined : node.next.get(symbol)
    }
  }
  return count[symbols.length] ?? 0
}
