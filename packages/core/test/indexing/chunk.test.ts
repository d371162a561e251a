import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateTokens } from '../../src/embedding/token-estimate.js'
import { chunkText, partsOf, truncateText } from '../../src/indexing/chunk.js'

const characters = (text: string) => text.length
const words = (text: string) => text.split(/\s+/).filter((word) => word !== '').length
const bytes = (text: string) => Buffer.byteLength(text)

// Of everything that makes a boundary, and of one to four bytes; and any text there is.
const piece = fc.constantFrom(
  'a',
  'word ',
  'Ende. ',
  '。',
  '! ',
  '\n',
  '\n\n',
  ' \n \n',
  '  ',
  '\t',
  'ä',
  '語',
  '🙂',
  '👩‍👩‍👧',
  'é',
)
const anyText = fc.oneof(
  fc.array(piece, { maxLength: 120 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 80 }),
)
const counter = fc.constantFrom(characters, bytes, estimateTokens, words)

describe('chunkText', () => {
  it('gives parts that fit and joined are the text, whatever it is', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), counter, (text, maxTokens, count) => {
        const parts = chunkText(text, maxTokens, count)
        expect(parts.join('')).toBe(text)
        for (const part of parts) {
          expect(part.isWellFormed()).toBe(true)
          // One code point cannot be cut.
          if ([...part].length > 1) expect(count(part)).toBeLessThanOrEqual(maxTokens)
        }
        if (parts.length > 1) expect(parts).not.toContain('')
      }),
      { numRuns: 2000 },
    )
  })

  it('never gives two neighbours that would fit together', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), counter, (text, maxTokens, count) => {
        const parts = chunkText(text, maxTokens, count)
        for (let i = 1; i < parts.length; i += 1) expect(count(`${parts[i - 1]}${parts[i]}`)).toBeGreaterThan(maxTokens)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['paragraphs before lines', 'one\n\ntwo\nbe\n\nsix', 8, ['one\n\n', 'two\nbe\n\n', 'six']],
    ['lines before sentences', 'A b. C\nD e. F\n', 8, ['A b. C\n', 'D e. F\n']],
    ['sentences before words', 'Go up. Sit down. Run.', 12, ['Go up. ', 'Sit down. ', 'Run.']],
    ['sentences without spaces', '今日は雨。明日も雨！傘', 7, ['今日は雨。', '明日も雨！傘']],
    ['words before characters', 'alpha beta gamma', 7, ['alpha ', 'beta ', 'gamma']],
    ['characters where there is nothing else', 'abcdefg', 3, ['abc', 'def', 'g']],
    ['what fits not at all', 'Fits.', 5, ['Fits.']],
    ['an empty text not at all', '', 1, ['']],
  ])('cuts %s', (_, text, maxTokens, parts) => {
    expect(chunkText(text, maxTokens, characters)).toEqual(parts)
  })

  it('leaves a character whole that does not fit', () => {
    expect(chunkText('🙂🙂', 1, characters)).toEqual(['🙂', '🙂'])
    expect(chunkText('a🙂b', 2, characters)).toEqual(['a', '🙂', 'b'])
  })

  it('counts few characters for each that there is, however long the text', () => {
    for (const unit of ['word ', 'x', 'A short sentence. ', '.', '\n', '\n\n', ' ', '。']) {
      const text = unit.repeat(200_000 / unit.length)
      let counted = 0
      chunkText(text, 8192, (part) => {
        counted += part.length
        return part.length
      })
      expect(counted).toBeLessThan(40 * text.length)
    }
  })
})

/** Of a megabyte: what nobody expects in a text. A search for boundaries that looks ahead again and again needs hours for some of it. */
const unkind = [
  ...['.', '!?', '…', '。', ' ', '\n', '\n ', ' \n', '\r\n', '\t.', '. .', '.\n', 'x', '🙂', '\u2028', '\u3000'],
].map((unit) => [JSON.stringify(unit), unit.repeat(1_000_000 / unit.length)] as const)

describe('a text of a megabyte', () => {
  it.each(unkind)('of %s is cut in time that grows with its length', (_, text) => {
    expect(chunkText(text, 512, estimateTokens).join('')).toBe(text)
    expect(chunkText(`${text}end`, 512, estimateTokens).join('')).toBe(`${text}end`)
  })

  it.each(unkind)('of %s is cut in steps that each count few characters', (_, text) => {
    let counted = 0
    let most = 0
    const count = (part: string) => {
      counted += part.length
      return part.length
    }
    for (const _part of partsOf(text, 512, count)) {
      most = Math.max(most, counted)
      counted = 0
    }
    expect(most).toBeLessThanOrEqual(20_000)
  })

  it.each(unkind)('of %s is not read to its end for its first part', (_, text) => {
    let counted = 0
    const first = truncateText(`x${text}`, 512, (part) => {
      counted += part.length
      return part.length
    })
    expect(first.startsWith('x')).toBe(true)
    expect(counted).toBeLessThan(100_000)
  })
})

describe('truncateText', () => {
  it('gives the beginning, at the best boundary', () => {
    expect(truncateText('Go up. Sit down. Run.', 12, characters)).toBe('Go up. ')
    expect(truncateText('short', 12, characters)).toBe('short')
  })

  it('passes over a blank beginning', () => {
    expect(truncateText(`${' '.repeat(30)}word`, 10, characters).trim()).toBe('word')
    expect(truncateText(' '.repeat(30), 10, characters)).toBe('')
  })
})
