import type { ByteSource } from './byte-share.js'

/**
 * The lines of a text in UTF-8, without their ends. Only a line feed ends one, with or without a carriage return before
 * it: U+2028 and U+2029, at which `node:readline` ends one too, may be in the texts of JSON as they are.
 */
export async function* linesOf(source: ByteSource): AsyncGenerator<string> {
  const stream = source.open()
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  // A long line comes in many pieces.
  let pieces: string[] = []
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n')
      pieces.push(first)
      for (const next of others) {
        yield lineOf(pieces)
        pieces = [next]
      }
    }
    pieces.push(decoder.decode())
    const last = lineOf(pieces)
    if (last !== '') yield last
  } finally {
    // Whoever reads the first line only leaves it open.
    if (stream !== process.stdin) stream.destroy()
  }
}

function lineOf(pieces: readonly string[]): string {
  const line = pieces.join('')
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
