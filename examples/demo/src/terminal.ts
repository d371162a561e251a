import { stripVTControlCharacters, styleText } from 'node:util'

/** Colours and bold type on standard output; nothing where it is no terminal, or NO_COLOR is set. */
export function style(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stdout })
}

/** Prints a line to standard error: answers alone are on standard output. */
export function say(line: string): void {
  process.stderr.write(`${strip(line)}\n`)
}

/** Text of a file without what a terminal would obey or a reader could be misled by: escape sequences, control characters, changes of direction, invisible tags. */
export function strip(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\t\n\v\f\r\u0085\u2028\u2029]/g, (character) => (character === '\n' ? '\n' : ' '))
    .replaceAll(/(?!\n)[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu, '')
}

/** The start of a text on one line, at most `length` characters. */
export function snippet(text: string, length: number): string {
  const characters = [...strip(text).replaceAll(/\s+/g, ' ').trim()]
  return characters.length <= length
    ? characters.join('')
    : `${characters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`
}

/** A terminal that does not know its width says 0. */
const lineWidth = () => Math.min(process.stdout.columns || 100, 100)

/** Breaks a line between words, each new line indented. */
export function wrap(text: string, indent: string, width = lineWidth()): string {
  const lines: string[] = []
  let line = indent
  for (const word of text.split(' ')) {
    if (line.length + word.length > width && line !== indent) {
      lines.push(line.trimEnd())
      line = indent
    }
    line += `${word} `
  }
  lines.push(line.trimEnd())
  return lines.join('\n')
}

const number = new Intl.NumberFormat('en')

/** A number with a comma at each thousand. */
export function format(n: number): string {
  return number.format(n)
}

/** A number with a comma at each thousand, and its noun. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${number.format(n)} ${n === 1 ? noun : plural}`
}

export function duration(ms: number): string {
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
  const seconds = ms / 1000
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}
