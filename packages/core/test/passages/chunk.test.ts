import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateTokens } from '../../src/embedding/token-estimate.js'
import { chunk } from '../../src/passages/chunk.js'

const characters = (text: string) => text.length
const words = (text: string) => text.split(/\s+/).filter((word) => word !== '').length
const bytes = (text: string) => Buffer.byteLength(text)

const markdownLine = fc.constantFrom(
  '# A', '## B `code`', '### C ###', '#', '#not', 'Title', '=====', '---', '***', '', '', ' ', 'word word word. More of it!',
  '- item', '  - nested', '1. one', '> quote', '> # quoted', '```js', '```', '~~~', '````', '    indented', '    ```', '\tx', '| a | b |', '|---|---|',
  '<!-- comment', '-->', '<div>', '</div>', '<h1>Title</h1>', '<pre>', '</pre>', '![badge](x)', '[a]: https://x', 'title: T', '+++', '今日は雨。', '🙂', '\r',
) // biome-ignore format: a list
const markdown = fc
  .array(markdownLine, { maxLength: 60 })
  .chain((lines) => fc.constantFrom('\n', '\r\n').map((end) => lines.join(end)))
const anyText = fc.oneof(markdown, fc.string({ unit: 'binary', maxLength: 120 }))
const counter = fc.constantFrom(characters, bytes, estimateTokens, words)
const format = fc.constantFrom('text' as const, 'markdown' as const)

const inMarkdown = (text: string, maxTokens = 1000) =>
  chunk(text, { maxTokens, countTokens: words, format: 'markdown' }).map((each) => [
    each.headings.join(' > '),
    each.text,
  ])

describe('chunk', () => {
  it('gives chunks that fit and joined are the text, but for what is blank, whatever it is', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 60 }), counter, format, (text, maxTokens, countTokens, as) => {
        const chunks = chunk(text, { maxTokens, countTokens, format: as })
        let at = 0
        for (const each of chunks) {
          const found = text.indexOf(each.text, at)
          expect(found).toBeGreaterThanOrEqual(at)
          expect(text.slice(at, found).trim()).toBe('')
          expect(each.text.trim()).not.toBe('')
          at = found + each.text.length
          // One code point cannot be cut.
          if ([...each.text].length > 1) expect(countTokens(each.text)).toBeLessThanOrEqual(maxTokens)
        }
        expect(text.slice(at).trim()).toBe('')
      }),
      { numRuns: 3000 },
    )
  })

  it('leaves room for the headings, unless they take more than half', () => {
    fc.assert(
      fc.property(markdown, fc.integer({ min: 1, max: 60 }), (text, maxTokens) => {
        for (const { headings, text: part } of chunk(text, { maxTokens, countTokens: words, format: 'markdown' })) {
          const path = words(headings.join(' > '))
          if (path <= maxTokens / 2 && words(part) > 1) expect(words(part) + path).toBeLessThanOrEqual(maxTokens)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps a heading with text below it, and whole blocks whole', () => {
    const code = '```js\nconst a = 1\n\nconst b = 2\n```\n'
    const text = `# Guide\n\none two three four\n\n${code}\nfive six seven eight\n`
    expect(inMarkdown(text, 15)).toEqual([
      ['Guide', '# Guide\n\none two three four\n\n'],
      ['Guide', `${code}\n`],
      ['Guide', 'five six seven eight\n'],
    ])
    expect(inMarkdown(text, 40)).toEqual([['Guide', text]])
  })

  it('cuts code that does not fit between lines', () => {
    const lines = Array.from({ length: 9 }, (_, i) => `const a${i} = ${i}\n`)
    const chunks = inMarkdown(`\`\`\`\n${lines.join('')}\`\`\`\n`, 10)
    expect(chunks.map(([, text]) => text)).toEqual([
      `\`\`\`\n${lines.slice(0, 2).join('')}`,
      ...[2, 4, 6].map((i) => lines.slice(i, i + 2).join('')),
      `${lines[8]}\`\`\`\n`,
    ])
  })

  it('cuts by headings of both kinds and gives their path', () => {
    const text =
      'Before.\n\n# A\n\nText of A.\n\n### C\n\nBelow A.\n\nB\nand more\n---\nText of B.\n# D #\nText.\n## E\n## F\nLast.\n'
    expect(inMarkdown(text)).toEqual([
      ['', 'Before.\n\n'],
      ['A', '# A\n\nText of A.\n\n'],
      ['A > C', '### C\n\nBelow A.\n\n'],
      ['A > B and more', 'B\nand more\n---\nText of B.\n'],
      ['D', '# D #\nText.\n'],
      ['D > F', '## E\n## F\nLast.\n'],
    ])
  })

  it.each([
    ['in code', '```sh\n# not\n```\n'],
    ['in longer fences', '````\n```\n# not\n````\n'],
    ['in tildes', '~~~\n```\n# not\n~~~\n'],
    ['in code of a list', '- item\n\n    ```\n    # not\n    ```\n'],
    ['in a quote', '> # not\n'],
    ['in a list', '- # not\n'],
    ['behind a backslash', '\\# not\n'],
    ['in indented code', 'text\n\n    # not\n'],
    ['in a comment', '<!--\n\n# not\n\n-->\n'],
    ['in pre', '<pre>\n\n# not\n\n</pre>\n'],
    ['without a space', '#not\n'],
    ['of seven marks', '####### not\n'],
    ['as a line below a list', '- item\n---\n'],
    ['as a line below a quote', '> quote\n---\n'],
    ['as a row of a table', '| a | b |\n|---|---|\n| 1 | 2 |\n'],
  ])('takes no heading %s', (_, text) => {
    expect(inMarkdown(`# A\n\n${text}`)).toEqual([['A', `# A\n\n${text}`]])
  })

  it.each([
    ['behind code that a list ends', '- x\n\n    ```\n    code\n\n', '# B\n\ntext'],
    ['behind a paragraph', 'text\n', '# B\n\ntext'],
    ['behind a comment in one line', '<!-- x -->\n', '# B\n\ntext'],
    ['behind a block of HTML', '<div>\n</div>\n\n', '# B\n\ntext'],
    ['in an HTML block', 'text\n\n', '<h1 align="center">\n  <b>B</b>\n</h1>\n\ntext'],
    ['with a link', 'text\n\n', '# [B](https://x)\ntext'],
  ])('takes a heading %s', (_, before, after) => {
    expect(inMarkdown(`## A\n\n${before}${after}`).map(([headings]) => headings)).toEqual([
      'A',
      after.startsWith('<h1') || after.startsWith('# ') ? 'B' : 'A > B',
    ])
  })

  it.each([
    ['# gopd <sup>[![Version Badge][svg]][url]</sup>', 'gopd'],
    ['# ![logo](l.png) The **name** of `code()`', 'The name of code()'],
    ['# [A link](https://x) and [another][ref]', 'A link and another'],
    ['# Array<T>, Map<K, V>', 'Array<T>, Map<K, V>'],
    ['# \\# and 2 \\* 3', '# and 2 * 3'],
    ['<h1 align="center"><img src="x"> The <b>title</b></h1>\n', 'The title'],
  ])('takes of %s the words', (heading, title) => {
    expect(inMarkdown(`${heading}\n\ntext`)).toEqual([[title, `${heading}\n\ntext`]])
  })

  it('takes the title of front matter, once', () => {
    const matter = '---\ntitle: "T"\ntags: [a]\n---\n'
    expect(inMarkdown(`${matter}# T\n\none\n\n## A\n\ntwo`)).toEqual([
      ['T', `${matter}# T\n\none\n\n`],
      ['T > A', '## A\n\ntwo'],
    ])
    expect(inMarkdown('---\n\nFirst.\n\n---\n\nSecond.\n')).toEqual([['', '---\n\nFirst.\n\n---\n\nSecond.\n']])
    expect(inMarkdown('+++\r\ntitle = "T"\r\n+++\r\nText.')[0]?.[0]).toBe('T')
  })

  it('leaves a heading alone where not even a character has room beside it', () => {
    expect(chunk('#\n🙂', { maxTokens: 5, countTokens: bytes, format: 'markdown' }).map(({ text }) => text)).toEqual([
      '#\n',
      '🙂',
    ])
  })

  it('cuts plain text without looking for headings', () => {
    expect(chunk('# one\n\ntwo three', { maxTokens: 2, countTokens: words })).toEqual([
      { text: '# one\n\n', headings: [] },
      { text: 'two three', headings: [] },
    ])
    expect(chunk('', { maxTokens: 2 })).toEqual([])
    expect(chunk(' \n ', { maxTokens: 2, format: 'markdown' })).toEqual([])
  })

  it.each([
    ['options.maxTokens', 'text', { maxTokens: 0 }],
    ['options.maxTokens', 'text', {}],
    ['options.format', 'text', { maxTokens: 1, format: 'html' }],
    ['options.countTokens', 'text', { maxTokens: 1, countTokens: 3 }],
    ['options.overlap', 'text', { maxTokens: 1, overlap: 3 }],
    ['text', 3, { maxTokens: 1 }],
  ])('refuses a wrong %s', (field, text, options) => {
    expect(() => chunk(text as string, options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', field }),
    )
  })
})

/** What nobody expects in Markdown, and searches that look back or ahead again and again are slow for. */
const unkind = [
  ...['#', '# ', '# a\n', '## a\n\nb\n\n', '`', '```\n', '~~~ x\n', '>', '> > ', '- ', '-', '* ', '=', '<', '<!--', '<div>\n', '<h1>', '<h1>\n</h1>\n\n'],
  ...['[', '[a](', '![', '](', '---\n', 'a\n---\n', '---\na: b\n', '\\', '|', '\t', '    ', '\n', '\r\n', '\r', ' \n', '1. ', 'title: "', '<pre>\n'],
].map((unit) => [JSON.stringify(unit), unit] as const) // biome-ignore format: a list

describe('Markdown of a megabyte', () => {
  it.each(unkind)('of %s is cut with work that grows with its length', (_, unit) => {
    const workOf = (length: number): number => {
      const text = `---\n${unit.repeat(length / unit.length)}`
      let counted = 0
      const chunks = chunk(text, {
        maxTokens: 256,
        format: 'markdown',
        countTokens: (part) => {
          counted += part.length
          return estimateTokens(part)
        },
      })
      const joined = chunks.map((each) => each.text).join('')
      expect(joined.replaceAll(/\s+/g, '') === text.replaceAll(/\s+/g, '')).toBe(true)
      return counted
    }
    // Eight times the text; a quadratic cost would be 64 times the work.
    const small = workOf(125_000)
    expect(workOf(1_000_000)).toBeLessThan(16 * small + 100_000)
  })
})
