import { describe, expect, it } from 'vitest'
import { duration, snippet, strip, wrap } from '../src/terminal.ts'

describe('strip', () => {
  it.each([
    ['a colour', 'a\u001b[31mred\u001b[0m', 'ared'],
    ['a window title', 'a\u001b]0;title\u0007b', 'ab'],
    ['a C1 escape', 'a\u009b2Jb', 'ab'],
    ['a lone escape and a bell', 'a\u001b\u0007b', 'ab'],
    ['a carriage return that would overwrite the line', 'real\rfake', 'real fake'],
    ['changes of direction', 'a\u202eb\u2066c\u200fd', 'abcd'],
    ['invisible tags', 'a\u{e0041}b', 'ab'],
  ])('takes out %s', (_, text, expected) => {
    expect(strip(text)).toBe(expected)
  })

  it('leaves text in any script, emoji and line breaks', () => {
    const text = 'Grüße, 你好, שלום, 👩‍💻\nnext'
    expect(strip(text)).toBe(text)
  })
})

describe('snippet', () => {
  it('is one line, cut between characters', () => {
    expect(snippet('a\n\n  b\tc', 10)).toBe('a b c')
    expect(snippet('🙂🙂🙂🙂', 3)).toBe('🙂🙂…')
  })
})

describe('wrap', () => {
  it('breaks between words and leaves a long one whole', () => {
    expect(wrap('aa bb ccccccccccc dd', ' ', 8)).toBe(' aa bb\n ccccccccccc\n dd')
  })
})

describe('duration', () => {
  it('is readable at every size', () => {
    expect([1.26, 999, 1500, 99_000, 125_000].map(duration)).toEqual([
      '1.3 ms',
      '999 ms',
      '1.5 s',
      '99.0 s',
      '2 min 5 s',
    ])
  })
})
