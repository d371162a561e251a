/**
 * About how many tokens a language model reads a text as, rather too many than too few: three letters of a word, three
 * digits and one sign are a token each, what is not ASCII by its bytes. No tokenizer, as each model has its own.
 */
export function countTokens(text: string): number {
  let tokens = 0
  for (const [run] of text.matchAll(/[A-Za-z][a-z]*|\d{1,3}|[^\sA-Za-z\d]|\s+/g)) {
    const code = run.charCodeAt(0)
    if (code > 0x7f) tokens += code < 0x800 ? 1 : 1.5
    else if (isLetter(code)) tokens += Math.ceil(run.length / 3)
    else if (code > 0x20) tokens += 1
    else if (run !== ' ') tokens += 1
  }
  return Math.ceil(tokens)
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
}

/** How many of the entries, from the first on, fit into a number of tokens. */
export function howManyFit(costs: readonly number[], maxTokens: number): number {
  let left = maxTokens
  for (const [index, cost] of costs.entries()) {
    left -= cost
    if (left < 0) return index
  }
  return costs.length
}
