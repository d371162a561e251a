import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Corpus } from '../../src/corpus/corpus.js'
import { knownItems } from '../../src/corpus/known-items.js'
import { loadCorpus } from '../../src/corpus/load-corpus.js'
import { cutMarkdown, cutPlainText } from '../../src/corpus/sections.js'
import { createWarnings } from '../../src/corpus/warnings.js'
import { folderOf, jsonLines } from './folder-of.js'

const textOf = (corpus: Corpus, id: string) => corpus.documents.find((each) => each.id === id)?.text
const queryOf = (corpus: Corpus, id: string) => corpus.queries.find((each) => each.id === id)?.text

describe('a folder of texts', () => {
  const files = {
    'guide.md': [
      '---\ntitle: Guide\n---\nWords before any heading tell what this is about.\n',
      '# Brewing green tea\n\nWater of seventy degrees is best for it.\n',
      '```sh\n# no heading\nboil\n```\n',
      '## Usage\n\nTake the leaves out after three minutes. Then it does not turn bitter.\n',
      '## Empty\n',
    ].join('\n'),
    'deep/notes.txt': 'The kettle stands in the kitchen. It holds two litres of water.\n\nBuy milk.\n',
    'deep/.hidden/x.md': '# Not this one\n\nIt is in a hidden folder, so it is not read.',
    'node_modules/y/README.md': '# Nor this one\n\nIt belongs to somebody else, so it is not read.',
    'image.png': 'no text',
  }

  test('is cut at headings; heading or first sentence is the query, the rest is the answer', async () => {
    const corpus = await loadCorpus(await folderOf(files))
    expect(corpus.kind).toBe('known-item')
    expect(corpus.documents.map(({ id }) => id)).toEqual(['deep/notes.txt#1', 'guide.md#1', 'guide.md#2', 'guide.md#3'])
    expect(queryOf(corpus, 'guide.md#2')).toBe('Brewing green tea')
    expect(textOf(corpus, 'guide.md#2')).toMatch(/^Water of seventy[\s\S]*# no heading\nboil/)
    // A single word such as "Usage" is no query, so the first sentence is.
    expect(queryOf(corpus, 'guide.md#3')).toBe('Take the leaves out after three minutes.')
    expect(textOf(corpus, 'guide.md#3')).toBe('Usage\n\nThen it does not turn bitter.')
    expect(queryOf(corpus, 'deep/notes.txt#1')).toBe('The kettle stands in the kitchen.')
    expect(textOf(corpus, 'deep/notes.txt#1')).toBe('It holds two litres of water.\n\nBuy milk.')
    // Of one sentence nothing would be left to find; it is searched in all the same.
    expect(queryOf(corpus, 'guide.md#1')).toBeUndefined()
    for (const { id, judgements } of corpus.queries) expect([...judgements]).toEqual([[id, 1]])
  })

  test('holding nothing to search in is an error', async () => {
    await expect(loadCorpus(await folderOf({ 'a.png': '' }))).rejects.toThrow('there is no Markdown or text file in it')
    await expect(loadCorpus(await folderOf({ 'a.md': '# A\n\nb' }))).rejects.toThrow('can serve as a query')
    const folder = await folderOf({ 'a.csv': 'x' })
    await expect(loadCorpus(join(folder, 'a.csv'))).rejects.toThrow('expected a folder or a .jsonl file')
  })
})

describe('a file of JSON lines', () => {
  const lines = jsonLines(
    { id: 'a', title: 'On brewing tea', text: 'Water of seventy degrees is best.' },
    { id: 'a', title: 'On brewing tea', text: 'Water of seventy degrees is best.' },
    { text: 'The kettle stands in the kitchen. It holds two litres of water.' },
  )

  test('has titles as headings', async () => {
    const corpus = await loadCorpus(join(await folderOf({ 'notes.jsonl': lines }), 'notes.jsonl'))
    expect(corpus.queries.map(({ id, text }) => [id, text])).toEqual([
      ['a', 'On brewing tea'],
      ['line 3', 'The kettle stands in the kitchen.'],
    ])
    expect(corpus.warnings).toEqual(['1 lines came twice with the same id and text; each counts once'])
  })

  test('may have its text in another field', async () => {
    const text = lines.replaceAll('"text"', '"body"')
    const path = join(await folderOf({ 'notes.jsonl': text }), 'notes.jsonl')
    expect((await loadCorpus(path, { textField: 'body' })).documents).toHaveLength(2)
    await expect(loadCorpus(path)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: `${path}:1: expected a text in "text"`,
    })
  })

  test('with one id for two texts, or a line cut off, is refused', async () => {
    const folder = await folderOf({
      'ids.jsonl': jsonLines({ id: 'a', text: 'one' }, { id: 'a', text: 'two' }),
      'cut.jsonl': `${lines}{"text": "cu`,
    })
    await expect(loadCorpus(join(folder, 'ids.jsonl'))).rejects.toThrow(
      /ids\.jsonl:2: another text has the id "a" already/,
    )
    await expect(loadCorpus(join(folder, 'cut.jsonl'))).rejects.toThrow(/cut\.jsonl:4: this is not JSON/)
  })
})

describe('queries made of sections', () => {
  const make = (sections: readonly { heading: string; body: string }[], maxQueries = 500, seed = 1) => {
    const warnings = createWarnings()
    const named = sections.map((each, i) => ({ id: `${i}`, ...each }))
    return { ...knownItems(named, { name: 'test', seed, maxQueries, warnings }), counted: warnings.texts }
  }

  test('a heading that several sections have is none of them', () => {
    const corpus = make([
      { heading: 'How to install', body: 'Run the first program of the two. It takes a while on slow machines.' },
      { heading: 'How to Install', body: 'Run the second program of the two. It takes a while on slow machines too.' },
    ])
    expect(corpus.queries.map(({ text }) => text)).toEqual([
      'Run the first program of the two.',
      'Run the second program of the two.',
    ])
  })

  test('every document with the text of the answer is an answer', () => {
    const body = 'Run the program and wait until it ends.'
    const corpus = make([
      { heading: 'How to install', body },
      { heading: 'How to upgrade', body },
    ])
    expect(corpus.queries.map(({ judgements }) => [...judgements.keys()])).toEqual([
      ['0', '1'],
      ['0', '1'],
    ])
  })

  test('the same section twice is one', () => {
    const section = { heading: 'How to install', body: 'Run the program and wait until it ends.' }
    const corpus = make([section, section])
    expect(corpus.documents).toHaveLength(1)
    expect(corpus.counted).toEqual(['1 sections are the same as another, and were left out'])
  })

  test('of too many, the seed draws some', () => {
    const sections = Array.from({ length: 60 }, (_, i) => ({
      heading: `The chapter ${i}`,
      body: `This is about the number ${i} and its many friends.`,
    }))
    const ids = (seed: number) => make(sections, 10, seed).queries.map(({ id }) => id)
    expect(ids(1)).toHaveLength(10)
    expect(ids(1)).toEqual(ids(1))
    expect(ids(1)).not.toEqual(ids(2))
    expect(make(sections, 10).documents).toHaveLength(60)
  })

  test('no answer holds its query, whatever the texts are', () => {
    const words = fc.array(fc.constantFrom('tea', 'Tea', 'is', 'hot.', 'The', 'pot\n', '\n\n', '- ', '`x`', 'ä', '#'), {
      maxLength: 30,
    })
    const section = fc.record({
      heading: words.map((all) => all.join(' ').trim()),
      body: words.map((all) => all.join(' ')),
    })
    const own = { heading: 'A heading of its own', body: 'A body that is long enough to be found by.' }
    fc.assert(
      fc.property(fc.array(section, { maxLength: 12 }), (sections) => {
        const corpus = make([own, ...sections])
        const texts = new Map(corpus.documents.map(({ id, text }) => [id, text]))
        for (const { id, text, judgements } of corpus.queries) {
          expect(judgements.get(id)).toBe(1)
          expect(texts.get(id)).not.toContain(text)
        }
        for (const text of texts.values()) expect(text.trim()).not.toBe('')
      }),
    )
  })
})

describe('sections', () => {
  test('of Markdown that begins with a line across are not taken for front matter', () => {
    expect(cutMarkdown('---\n\nBefore\n\n---\n\n# One\n\ntext')).toMatchObject([{ heading: '' }, { heading: 'One' }])
  })

  test('of Markdown keep every word of a body', () => {
    expect(cutMarkdown('Before\n\nUnder\n=====\n\n* a `b`\n\n### *So* it [goes](x)\r\n\r\n> c')).toEqual([
      { heading: '', body: 'Before' },
      { heading: 'Under', body: '* a `b`' },
      { heading: 'So it goes', body: '> c' },
    ])
  })

  test('of plain text are some paragraphs each, and no word is lost', () => {
    const paragraph = fc.stringMatching(/^[a-z ]{1,700}$/)
    fc.assert(
      fc.property(fc.array(paragraph, { maxLength: 8 }), (paragraphs) => {
        const words = (text: string) => text.split(/\s+/).filter(Boolean)
        const sections = cutPlainText(paragraphs.join('\n\n'))
        expect(sections.flatMap(({ body }) => words(body))).toEqual(words(paragraphs.join(' ')))
        for (const { body } of sections) expect(body.length).toBeLessThanOrEqual(1010)
      }),
    )
  })
})
