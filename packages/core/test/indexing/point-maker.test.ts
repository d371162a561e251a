import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refId } from '../../src/document/namespace.js'
import { pointId, textHash } from '../../src/document/point-id.js'
import { PointMaker, type PointMakerOptions } from '../../src/indexing/point-maker.js'

const ref = { namespace: ['users', '1'], key: 'note' }
const make = (options: Partial<PointMakerOptions> = {}) =>
  new PointMaker({
    fields: ['body'],
    filterable: {},
    onTooLong: 'chunk',
    maxTokens: 10,
    countTokens: (text) => text.length,
    ...options,
  })
const textsOf = (maker: PointMaker, value: Parameters<PointMaker['make']>[1], index?: false | string[]) =>
  maker.make(ref, value, index).texts.map(({ field, part, text }) => [field, part, text])

describe('the texts of a document', () => {
  it('are those of its fields, each with its id and hash', () => {
    const { texts } = make({ fields: ['title', 'body'] }).make(
      ref,
      { title: 'One', body: 'Two', other: 'Three' },
      undefined,
    )
    expect(texts).toEqual(
      [
        ['title', 'One'],
        ['body', 'Two'],
      ].map(([field = '', text = '']) => ({
        id: pointId(refId(ref), field, 0),
        field,
        part: 0,
        text,
        hash: textHash(text),
      })),
    )
  })

  it('are counted on over the texts of one field', () => {
    const value = { notes: [{ text: 'first' }, { text: 'a second, long one' }, {}, { text: '' }, { text: 'last' }] }
    expect(textsOf(make({ fields: ['notes[*].text'] }), value)).toEqual([
      ['notes[*].text', 0, 'first'],
      ['notes[*].text', 1, 'a second, '],
      ['notes[*].text', 2, 'long one'],
      ['notes[*].text', 3, 'last'],
    ])
  })

  it('are JSON where the value is no text, and none where it is null, absent or blank', () => {
    const fields = ['$', 'n', 'list', 'no', 'gone', 'blank']
    const value = { n: 42, list: [1, true], no: null, blank: ' \n' }
    expect(textsOf(make({ fields, maxTokens: 100 }), value)).toEqual([
      ['$', 0, JSON.stringify(value)],
      ['n', 0, '42'],
      ['list', 0, '[1,true]'],
    ])
  })

  it('are those of the put, where that says so', () => {
    const maker = make()
    const value = { title: 'One', body: 'Two' }
    expect(textsOf(maker, value, ['title'])).toEqual([['title', 0, 'One']])
    expect(maker.make(ref, value, false)).toEqual({ texts: [], values: {}, fingerprint: 'none' })
    expect(maker.make(ref, value, ['title']).fingerprint).not.toBe(maker.make(ref, value, undefined).fingerprint)
  })
})

describe('a text that is too long', () => {
  const body = 'One two. Three four. Five.'

  it('becomes parts, which joined are the text', () => {
    expect(textsOf(make(), { body })).toEqual([
      ['body', 0, 'One two. '],
      ['body', 1, 'Three '],
      ['body', 2, 'four. '],
      ['body', 3, 'Five.'],
    ])
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z.\n äö🙂]{1,80}$/u), (text) => {
        const parts = textsOf(make(), { body: text }).map(([, , part]) => part)
        // Blank parts are left out.
        expect(parts.join('').replace(/\s+/g, '')).toBe(text.replace(/\s+/g, ''))
      }),
    )
  })

  it('has no part of spaces only', () => {
    const parts = textsOf(make(), { body: `one${' '.repeat(50)}two` })
    expect(parts.map(([, part]) => part)).toEqual([0, 1])
    expect(parts.map(([, , text]) => String(text).trim())).toEqual(['one', 'two'])
  })

  it('is cut to its beginning', () => {
    expect(textsOf(make({ onTooLong: 'truncate' }), { body })).toEqual([['body', 0, 'One two. ']])
    expect(textsOf(make({ onTooLong: 'truncate' }), { body: `${' '.repeat(50)}word` })).toHaveLength(1)
  })

  it('is refused, naming document, field and what it has', () => {
    const maker = make({ onTooLong: 'error' })
    expect(() => maker.make(ref, { body }, undefined)).toThrow(
      expect.objectContaining({
        ...{ code: 'EMBEDDING_FAILED', retryable: false, field: 'body', ...ref },
        message: expect.stringMatching(/^body: .*26 characters.*10 tokens$/),
      }),
    )
    expect(textsOf(maker, { body: 'short' })).toEqual([['body', 0, 'short']])
  })

  it('is so by what every text has, too', () => {
    // A prefix of six tokens, and one for each character of more than a byte.
    const countTokens = (text: string) => 6 + Buffer.byteLength(text)
    const texts = textsOf(make({ maxTokens: 12, countTokens }), { body: '語語語' })
    expect(texts.map(([, , text]) => text)).toEqual(['語語', '語'])
  })
})

describe('a query that is too long', () => {
  it('is cut, or refused where texts are', () => {
    expect(make().fitQuery('where is it now')).toBe('where is ')
    expect(make({ onTooLong: 'truncate' }).fitQuery('where is it now')).toBe('where is ')
    expect(make().fitQuery('where')).toBe('where')
    expect(() => make({ onTooLong: 'error' }).fitQuery('where is it now')).toThrow(
      expect.objectContaining({ code: 'EMBEDDING_FAILED', retryable: false }),
    )
  })
})

describe('the fingerprint', () => {
  const of = (options: Partial<PointMakerOptions>) => make(options).make(ref, { body: 'x' }, undefined).fingerprint

  it('tells apart all that makes other points', () => {
    const all = [
      of({}),
      of({ fields: ['body', 'title'] }),
      of({ filterable: { lang: 'keyword' } }),
      of({ filterable: { lang: 'integer' } }),
      of({ onTooLong: 'truncate' }),
      of({ maxTokens: 11 }),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('does not depend on the order of filterable paths', () => {
    const [a, b] = [{ a: 'keyword', b: 'float' } as const, { b: 'float', a: 'keyword' } as const]
    expect(of({ filterable: a })).toBe(of({ filterable: b }))
  })
})
