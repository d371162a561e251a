import { describe, expect, it } from 'vitest'
import { cutMarkdown, cutPlainText } from '../src/sections.ts'

/** A word is a token. */
const words = (maxTokens: number) => ({
  maxTokens,
  countTokens: (text: string) => text.split(/\s+/).filter(Boolean).length,
})

describe('cutMarkdown', () => {
  it('cuts by headings of both kinds and gives their path', () => {
    const markdown = `Before.

# A

Text of A.

### C

Text of C, below A though a level is missing.

B
---
Text of B.

# D
Text of D.`
    expect(cutMarkdown(markdown, words(100))).toEqual([
      { heading: '', body: 'Before.' },
      { heading: 'A', body: 'Text of A.' },
      { heading: 'A > C', body: 'Text of C, below A though a level is missing.' },
      { heading: 'A > B', body: 'Text of B.' },
      { heading: 'D', body: 'Text of D.' },
    ])
  })

  it('takes headings for text where they are none: in code, lists, quotes and after a backslash', () => {
    const markdown = '# A\n\n```sh\n# not a heading\n```\n\n> # quoted\n\n- # listed\n\n\\# escaped\n'
    expect(cutMarkdown(markdown, words(100))).toEqual([
      { heading: 'A', body: '# not a heading\n\nquoted\n\n- listed\n\n# escaped' },
    ])
  })

  it('keeps code as it is', () => {
    const code = 'if (a < b) {\n  // <!-- kept -->\n\n  return `![kept](x)`\n}'
    expect(cutMarkdown(`\`\`\`js\n${code}\n\`\`\`\n`, words(100))[0]?.body).toBe(code)
  })

  it('takes the title from front matter, and drops the rest of it, comments, badges, tags and link definitions', () => {
    const markdown = `---
title: "The title"
tags: [a]
---
[![build](https://x/b.svg)](https://x) ![logo](l.png) [![ref][badge]][ci]

<!-- a comment

over several paragraphs -->

<p align="center"><img src="x.png">Shown <b>text</b></p>

Some <!-- inline --> *text* with a [link](https://x) and \`code\`.

[badge]: https://x/b.svg
[ci]: https://x
`
    expect(cutMarkdown(markdown, words(100))).toEqual([
      { heading: 'The title', body: 'Shown text\n\nSome  text with a link and code.' },
    ])
  })

  it('names a title once that front matter and the first heading both give', () => {
    expect(cutMarkdown('---\ntitle: T\n---\n# T\n\none\n\n## A\n\ntwo', words(100))).toEqual([
      { heading: 'T', body: 'one' },
      { heading: 'T > A', body: 'two' },
    ])
  })

  it('keeps a thematic break at the start from swallowing the text', () => {
    expect(cutMarkdown('---\n\nFirst.\n\n---\n\nSecond.\n', words(100))[0]?.body).toBe('First.\n\nSecond.')
  })

  it('drops an unclosed comment, to which the rest belongs', () => {
    expect(cutMarkdown('Seen.\n\n<!-- never closed\n\n# A\n', words(100))).toEqual([{ heading: '', body: 'Seen.' }])
  })

  it('reads a heading in an HTML block', () => {
    expect(cutMarkdown('<h1 align="center">The\n title</h1>\n\nText.\n', words(100))).toEqual([
      { heading: 'The title', body: 'Text.' },
    ])
  })

  it('gives no section for a heading without text', () => {
    expect(cutMarkdown('# A\n\n## B\n\n## C\n\ntext', words(100))).toEqual([{ heading: 'A > C', body: 'text' }])
    expect(cutMarkdown('', words(100))).toEqual([])
  })

  it('reads Windows line ends', () => {
    expect(cutMarkdown('---\r\na: b\r\n---\r\n# A\r\n\r\none\r\ntwo\r\n', words(100))).toEqual([
      { heading: 'A', body: 'one\ntwo' },
    ])
  })

  it('splits what is too long between paragraphs, then lines, then words, and loses nothing', () => {
    const markdown = '# H\n\na b c\n\nd e f\n\ng h i j\nk l m n\n\no p q r s t u v w x y z\n'
    // Of nine words the heading takes three: with its mark as it stands, and as the path.
    const sections = cutMarkdown(markdown, words(9))
    expect(sections.map(({ body }) => body)).toEqual([
      'a b c\n\nd e f',
      'g h i j',
      'k l m n\n\no p',
      'q r s t u v',
      'w x y z',
    ])
    expect(sections.every(({ heading }) => heading === 'H')).toBe(true)
  })

  it('takes code for code that is cut, too', () => {
    const code = ['# one', 'x', '', '# two', 'y', '# three'].join('\n')
    const sections = cutMarkdown(`\`\`\`sh\n${code}\n\`\`\`\n\n# A\n\ntext`, words(4))
    expect(sections.map(({ body }) => body).join('\n')).toBe('# one\nx\n# two\ny\n# three\ntext')
    expect(sections.at(-1)?.heading).toBe('A')
  })

  it('splits one endless word between characters, never inside one', () => {
    const characters = { maxTokens: 40, countTokens: (text: string) => [...text].length }
    const text = '🙂'.repeat(100)
    const bodies = cutMarkdown(text, characters).map(({ body }) => body)
    expect(bodies.join('')).toBe(text)
    expect(bodies.every((body) => body.isWellFormed() && [...body].length <= 40)).toBe(true)
  })

  it('leaves half of the room to the text under a heading of any length', () => {
    const sections = cutMarkdown(`# ${'long '.repeat(50)}\n\n${'word '.repeat(20)}`, words(10))
    const text = sections.map(({ body }) => body.split(/\s+/).filter((word) => word === 'word').length)
    expect(text.reduce((sum, words) => sum + words)).toBe(20)
    expect(sections.every(({ body }) => body.split(/\s+/).length <= 5)).toBe(true)
    expect(text.slice(1, -1).filter((words) => words > 0)).toEqual(expect.arrayContaining([5, 5]))
  })

  it('survives nesting that nobody writes', () => {
    expect(cutMarkdown(`${'>'.repeat(500)} deep\n\nText.`, words(100))).toEqual([{ heading: '', body: 'Text.' }])
  })
})

describe('cutPlainText', () => {
  it('cuts between paragraphs only', () => {
    expect(cutPlainText('# one\r\ntwo\r\n \r\n\r\nthree four\n', words(2)).map(({ body }) => body)).toEqual([
      '# one',
      'two',
      'three four',
    ])
  })
})
