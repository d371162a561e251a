import { tokenizer } from '@tandemstore/embed-local/make'
import { describe, expect, it } from 'vitest'
import { countWords } from '../src/tokenizer.js'

const vocabulary = [
  'a',
  'mock',
  'javascript',
  'java',
  'script',
  'http',
  'server',
  'un',
  '##a',
  '##believ',
  '##able',
  'naive',
  '!',
  '日',
  'п',
]
const { encode } = tokenizer(vocabulary)
/** What the vocabulary lacks is shown as `?`. */
const pieces = (text: string) => encode(text).map((token) => (token < 0 ? '?' : vocabulary[token]))

describe('tokenizer', () => {
  it.each([
    ['Unbelievable!', ['un', '##believ', '##able', '!']],
    ['naïve NAÏVE', ['naive', 'naive']],
    ['JavaScript javaScript', ['javascript', 'javascript']],
    ['MockServer, HTTPServer', ['mock', 'server', '?', 'http', 'server']],
    ['日日', ['日', '日']],
    ['a日a', ['a', '日', 'a']],
    ['п', ['п']],
    ['🙂', ['?']],
    ['', []],
    [' \n\t\u0000\u200b', []],
  ])('cuts %j', (text, expected) => {
    expect(pieces(text)).toEqual(expected)
  })

  it('hashes a word that it can only spell, or that is of another script, whole and by three characters', () => {
    expect(pieces('aa')).toEqual(['?'])
    expect(pieces('при')).toEqual(['?', '?', '?', '?'])
    expect(encode('При')).toEqual(encode('при'))
    const shared = (a: string, b: string) => encode(a).filter((token) => encode(b).includes(token)).length
    expect(shared('привет', 'приветствие')).toBe(5)
    expect(shared('привет', 'молоко')).toBe(0)
  })

  it('never makes a token of half a surrogate pair', () => {
    expect(encode('𐐷𐐷')).toHaveLength(1)
    expect(encode('\ud83d')).toHaveLength(1)
  })

  it('gives a word the same tokens again', () => {
    expect(encode('mock unbelievable mock')).toEqual([...encode('mock'), ...encode('unbelievable'), ...encode('mock')])
  })

  it('takes long words apart, in time linear in the text', () => {
    // Quadratic time would be minutes here.
    expect(encode('a'.repeat(400_000)).length).toBeGreaterThan(6000)
    expect(countWords('a'.repeat(400_000))).toBe(6250)
  })
})

describe('countWords', () => {
  it.each([
    ['', 0],
    [' \n', 0],
    ['two words', 2],
    ['x = f(y)', 6],
    ['日本語 text', 4],
    ['🙂🙂', 2],
  ])('counts %j', (text, count) => {
    expect(countWords(text)).toBe(count)
  })
})
