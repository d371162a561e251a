/** A run of Markdown under one path of headings. Places are offsets in the text. */
export interface Section {
  /** The headings above it and its own, outermost first. */
  readonly headings: readonly string[]
  readonly start: number
  /** Where its text begins, behind its own heading (or headings, where some have no text) and blank lines. */
  readonly bodyStart: number
  readonly end: number
  /** Where each block of its text ends (a paragraph, list, table, code), behind the blank lines that follow it. */
  readonly blockEnds: readonly number[]
}

const MAX_HEADING_LENGTH = 120
/** Of a heading so many characters are looked at. */
const READ_OF_HEADING = 1000

const fence = /^([ \t]*)(`{3,}(?=[^`]*$)|~{3,})/
const atx = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/
const setext = /^ {0,3}(?:(=+)|-+)[ \t]*$/
const thematicBreak = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/
/** What begins a block that no underline makes a heading: a list, a quote, indented code. */
const otherBlock = /^(?: {0,3}(?:[-+*]|\d{1,9}[.)]|>)(?:[ \t]|$)| {0,3}>| {4}|\t)/
const htmlBlock = /^ {0,3}<(?:(!--)|(script|pre|style|textarea)(?=[\s>]|$)|[/]?[a-z][\w-]*(?=[\s/>]|$))/i

/**
 * The sections of a Markdown text, one for each heading that has a text; joined, they are the text. Knows blocks as
 * CommonMark 0.31 does, and front matter, whose title is the outermost heading. A heading within a list or a quote is
 * text. Reads the text once.
 */
export function sectionsOf(markdown: string): Section[] {
  const scan = new Scan(markdown)
  for (let from = scan.skipFrontMatter(); from < markdown.length; ) {
    const lineEnd = markdown.indexOf('\n', from)
    const end = lineEnd === -1 ? markdown.length : lineEnd + 1
    scan.line(markdown.slice(from, end).trimEnd(), from, end)
    from = end
  }
  return scan.end()
}

/** The block that the next line may go on. `closed`: none. */
type Block =
  | { readonly kind: 'closed' | 'paragraph' | 'other' }
  | { readonly kind: 'code'; readonly indent: number; readonly marker: string }
  /** `until`: what ends it; absent: a blank line does. */
  | { readonly kind: 'html'; readonly until?: string }

const closed: Block = { kind: 'closed' }

class Scan {
  readonly #text: string
  readonly #sections: Section[] = []
  #open: { readonly depth: number; readonly title: string }[] = []
  #block: Block = closed
  /** Where the block began. */
  #blockStart = 0
  #start = 0
  #bodyStart: number | undefined
  #blockEnds: number[] = []

  constructor(text: string) {
    this.#text = text
  }

  /** Front matter is YAML between `---` or TOML between `+++`, at the very start. Gives where the text behind it begins. */
  skipFrontMatter(): number {
    const [whole, , matter = ''] =
      /^(---|\+\+\+)[ \t]*\r?\n((?:[\w"'-]+[ \t]*[:=]|#)[\s\S]*?)\n\1[ \t]*(?:\r?\n|$)/.exec(this.#text) ?? []
    if (whole === undefined) return 0
    const title = toTitle(/^title[ \t]*[:=][ \t]*(["']?)(.+)\1[ \t]*\r?$/m.exec(matter)?.[2] ?? '')
    if (title !== '') this.#open.push({ depth: 0, title })
    return whole.length
  }

  /** Takes the next line, without its end. */
  line(line: string, from: number, to: number): void {
    const block = this.#block
    if (block.kind === 'code' && this.#goesOn(block, line)) return
    if (block.kind === 'html' && block.until !== undefined) {
      if (line.toLowerCase().includes(block.until)) this.#close(to)
      return
    }
    if (line === '') {
      this.#close(from)
      return
    }
    if (this.#block.kind === 'html') return
    const [, indent, marker] = fence.exec(line) ?? []
    if (indent !== undefined && marker !== undefined) {
      this.#begin({ kind: 'code', indent: indent.length, marker }, from)
      return
    }
    const [heading, marks = '', title = ''] = atx.exec(line) ?? []
    if (heading !== undefined) {
      this.#heading(marks.length, title.slice(0, READ_OF_HEADING).replace(/(^|[ \t])#+$/, ''), from, to)
      return
    }
    this.#textLine(line, from, to)
  }

  end(): Section[] {
    this.#close(this.#text.length)
    this.#endSection(this.#text.length)
    return this.#sections
  }

  #textLine(line: string, from: number, to: number): void {
    if (this.#block.kind === 'paragraph') {
      const [underline, isFirst] = setext.exec(line) ?? []
      if (underline !== undefined) {
        const title = this.#text.slice(this.#blockStart, Math.min(from, this.#blockStart + READ_OF_HEADING))
        this.#heading(isFirst === undefined ? 2 : 1, title, this.#blockStart, to)
        return
      }
    }
    if (thematicBreak.test(line)) {
      this.#begin({ kind: 'other' }, from)
      this.#block = closed
      return
    }
    const isOther = otherBlock.test(line)
    if (this.#block.kind === 'paragraph' || this.#block.kind === 'other') {
      // A list goes on with the line that announces it.
      if (isOther && /^ {0,3}\S/.test(line)) this.#block = { kind: 'other' }
      return
    }
    const [html, comment, element] = htmlBlock.exec(line) ?? []
    if (html === undefined) {
      this.#begin({ kind: isOther ? 'other' : 'paragraph' }, from)
      return
    }
    const until = comment === undefined ? element && `</${element.toLowerCase()}>` : '-->'
    this.#begin({ kind: 'html', ...(until === undefined ? {} : { until }) }, from)
    if (until !== undefined && line.toLowerCase().includes(until)) this.#close(to)
  }

  /** Whether a line belongs to a block of code. */
  #goesOn({ indent, marker }: Extract<Block, { kind: 'code' }>, line: string): boolean {
    const text = line.trimStart()
    // Indented so far it is in a list, with which it ends.
    if (indent >= 4 && text !== '' && line.length - text.length < 2) {
      this.#block = closed
      return false
    }
    if (text.length >= marker.length && text === (marker[0] as string).repeat(text.length)) this.#block = closed
    return true
  }

  #begin(block: Block, at: number): void {
    if (this.#bodyStart === undefined) this.#bodyStart = at
    else if (this.#blockEnds.at(-1) !== at) this.#blockEnds.push(at)
    this.#block = block
    this.#blockStart = at
  }

  /** Ends the block at a blank line. Many a README has its title in an HTML block, to centre it. */
  #close(at: number): void {
    if (this.#block.kind === 'html' && this.#block.until === undefined) {
      const html = this.#text.slice(this.#blockStart, at)
      const [, level] = /^\s*<h([1-6])[\s>][\s\S]*<\/h\1>\s*$/i.exec(html) ?? []
      if (level !== undefined) {
        this.#heading(Number(level), html, this.#blockStart, at)
        return
      }
    }
    this.#block = closed
  }

  /** `from`: where it begins, perhaps as a block that was taken for a text. */
  #heading(depth: number, words: string, from: number, to: number): void {
    this.#block = closed
    if (this.#bodyStart === from) this.#bodyStart = undefined
    if (this.#bodyStart !== undefined) {
      if (this.#blockEnds.at(-1) === from) this.#blockEnds.pop()
      this.#endSection(from)
    }
    this.#open = this.#open.filter((each) => each.depth < depth)
    const title = toTitle(words)
    if (title !== '' && title !== this.#open.at(-1)?.title) this.#open.push({ depth, title })
    this.#blockStart = to
  }

  #endSection(at: number): void {
    if (at === this.#start) return
    const bodyStart = this.#bodyStart ?? at
    const blockEnds = bodyStart === at ? [] : [...this.#blockEnds, at]
    const headings = this.#open.map(({ title }) => title)
    this.#sections.push({ headings, start: this.#start, bodyStart, end: at, blockEnds })
    this.#start = at
    this.#bodyStart = undefined
    this.#blockEnds = []
  }
}

/** Elements that stand in headings; others may be words, such as `Array<T>`. */
const inlineTag =
  /<\/?(?:a|b|br|code|div|em|font|h[1-6]|i|img|kbd|p|picture|small|source|span|strong|su[bp])(?:\s[^<>]*)?\/?>/gi

/** The words of a heading: without images, tags and the marks of code and emphasis, of a link what it says. */
function toTitle(words: string): string {
  const title = words
    .slice(0, READ_OF_HEADING)
    .replaceAll(inlineTag, '')
    .replaceAll(/!\[[^[\]]*\](?:\([^()]*\)|\[[^[\]]*\])/g, '')
    .replaceAll(/\[([^[\]]*)\](?:\([^()]*\)|\[[^[\]]*\])/g, '$1')
    // A mark behind a backslash is a letter.
    .replaceAll(/\\([!-/:-@[-`{-~])|[`*]+/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return title.length <= MAX_HEADING_LENGTH ? title : `${title.slice(0, MAX_HEADING_LENGTH).toWellFormed()}…`
}
