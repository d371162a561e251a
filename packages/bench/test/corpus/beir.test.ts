import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadCorpus } from '../../src/corpus/load-corpus.js'
import { folderOf, jsonLines } from './folder-of.js'

const good = {
  'corpus.jsonl': jsonLines(
    { _id: 'd1', title: 'Tea', text: 'Green tea.' },
    { _id: 'd2', title: '', text: 'Coffee.' },
    { _id: 'd3', text: 'Milk.' },
  ),
  'queries.jsonl': jsonLines({ _id: 'q1', text: 'hot drinks' }, { _id: 'q2', text: 'white drinks' }),
  'qrels/test.tsv': 'query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\nq2\td3\t1\n',
}
const load = async (files: Partial<typeof good>, options = {}) =>
  loadCorpus(await folderOf({ ...good, ...files }), options)

test('reads documents, queries and judgements', async () => {
  const corpus = await load({})
  expect(corpus).toMatchObject({ kind: 'judged', warnings: [] })
  expect(corpus.documents).toEqual([
    { id: 'd1', text: 'Tea Green tea.' },
    { id: 'd2', text: 'Coffee.' },
    { id: 'd3', text: 'Milk.' },
  ])
  expect(corpus.queries).toEqual([
    {
      id: 'q1',
      text: 'hot drinks',
      judgements: new Map([
        ['d1', 2],
        ['d2', 1],
      ]),
    },
    { id: 'q2', text: 'white drinks', judgements: new Map([['d3', 1]]) },
  ])
})

test('takes Windows line ends, a byte order mark, empty lines, ids that are numbers and qrels without names', async () => {
  const corpus = await load({
    'corpus.jsonl': `\uFEFF${jsonLines({ _id: 1, text: 'Tea.' }).trim()}\r\n\r\n`,
    'queries.jsonl': jsonLines({ _id: 7, text: 'tea' }),
    'qrels/test.tsv': '7\t1\t1\r\n',
  })
  expect(corpus.documents).toEqual([{ id: '1', text: 'Tea.' }])
  expect(corpus.queries).toEqual([{ id: '7', text: 'tea', judgements: new Map([['1', 1]]) }])
})

test('reads other judgements where it is told to', async () => {
  const files = { ...good, 'qrels/dev.tsv': 'q2\td1\t1\n' }
  const corpus = await loadCorpus(await folderOf(files), { split: 'dev' })
  expect(corpus.queries.map(({ id }) => id)).toEqual(['q2'])
})

describe('a broken line is an error with file and line', () => {
  test.each([
    ['corpus.jsonl', `${jsonLines({ _id: 'd1', text: 'a' })}{"_id": "d2", "text": "tru`, 2, 'this is not JSON'],
    ['corpus.jsonl', '\n\n[1]\n', 3, 'expected a JSON object'],
    ['corpus.jsonl', jsonLines({ _id: 'd1', text: 'a' }, { text: 'b' }), 2, 'expected an id in "_id"'],
    ['corpus.jsonl', jsonLines({ _id: 'd1' }), 1, 'expected a text in "text"'],
    ['corpus.jsonl', jsonLines({ _id: 'd1', title: 3, text: 'a' }), 1, 'expected a text in "title"'],
    [
      'corpus.jsonl',
      jsonLines({ _id: 'd1', text: 'a' }, { _id: 'd1', text: 'b' }),
      2,
      'another document has the id "d1" already',
    ],
    [
      'queries.jsonl',
      jsonLines({ _id: 'q1', text: 'a' }, { _id: 'q1', text: 'b' }),
      2,
      'another query has the id "q1" already',
    ],
    ['queries.jsonl', jsonLines({ _id: 'q1', text: null }), 1, 'expected a text in "text"'],
    [
      'qrels/test.tsv',
      'query-id\tcorpus-id\tscore\nq1\td1\n',
      2,
      'expected a query id, a document id and a grade, parted by tabs',
    ],
    ['qrels/test.tsv', 'q1 d1 1\n', 1, 'expected a query id, a document id and a grade, parted by tabs'],
    ['qrels/test.tsv', 'q1\td1\tyes\n', 1, 'expected a whole number as grade'],
    ['qrels/test.tsv', 'q1\td1\t1\nq1\td1\t0\n', 2, 'the pair ["q1","d1"] has another grade already'],
  ])('%s: %j', async (file, text, line, problem) => {
    const folder = await folderOf({ ...good, [file]: text })
    const at = `${join(folder, file)}:${line}`
    await expect(loadCorpus(folder)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      field: at,
      message: `${at}: ${problem}`,
    })
  })

  test('which does not show what a document says', async () => {
    const error = await load({ 'corpus.jsonl': '{"_id": "d1", "text": "secret' }).catch((each: Error) => each)
    expect(String(error)).not.toContain('secret')
  })
})

describe('what is odd is counted', () => {
  test('judgements of unknown documents stay in the ideal, as in trec_eval', async () => {
    const corpus = await load({ 'qrels/test.tsv': 'q1\td1\t1\nq1\tgone\t1\nq1\tgone too\t2\nq1\tnone\t0\n' })
    expect(corpus.queries[0]?.judgements.get('gone too')).toBe(2)
    expect(corpus.warnings).toEqual([
      '2 judgements name documents that are not in the corpus; as in trec_eval they count as relevant and not found',
      '1 judgements name documents that are not in the corpus, and are not relevant',
      '1 queries have no judgements, and were left out',
    ])
  })

  test('judgements of unknown queries', async () => {
    const corpus = await load({ 'qrels/test.tsv': `${good['qrels/test.tsv']}nobody\td1\t1\nnobody\td2\t1\n` })
    expect(corpus.warnings).toEqual(['2 judgements are of queries that are not in queries.jsonl, and were left out'])
    expect(corpus.queries).toHaveLength(2)
  })

  test('an empty query is left out with its judgements', async () => {
    const corpus = await load({ 'queries.jsonl': jsonLines({ _id: 'q1', text: ' \n' }, { _id: 'q2', text: 'white' }) })
    expect(corpus.queries.map(({ id }) => id)).toEqual(['q2'])
    expect(corpus.warnings).toEqual(['1 queries are empty and were left out'])
  })

  test('an empty document is no document, and stays relevant', async () => {
    const corpus = await load({
      'corpus.jsonl': jsonLines(
        { _id: 'd1', title: ' ', text: '' },
        { _id: 'd2', text: 'a' },
        { _id: 'd3', text: 'b' },
      ),
    })
    expect(corpus.documents.map(({ id }) => id)).toEqual(['d2', 'd3'])
    expect(corpus.queries[0]?.judgements.get('d1')).toBe(2)
    expect(corpus.warnings).toEqual(['1 documents are empty and cannot be found'])
  })

  test('a query without a relevant document', async () => {
    const corpus = await load({ 'qrels/test.tsv': 'q1\td1\t0\nq2\td3\t1\n' })
    expect(corpus.queries).toHaveLength(2)
    expect(corpus.warnings).toEqual(['1 queries have no relevant document; as in trec_eval they score 0'])
  })

  test('what came twice, and what no database takes', async () => {
    const twice = { _id: 'd1', text: 'a\0b\ud800' }
    const corpus = await load({
      'corpus.jsonl': jsonLines(twice, twice, { _id: 'd2', text: 'c' }, { _id: 'd3', text: 'd' }),
      'qrels/test.tsv': 'q1\td1\t1\nq1\td1\t1\nq2\td3\t1\n',
    })
    expect(corpus.documents[0]?.text).toBe('a b\ufffd')
    expect(corpus.warnings).toEqual([
      '1 documents hold NUL or half of a surrogate pair, which were replaced',
      '1 documents came twice with the same id and text; each counts once',
      '1 judgements came twice; each counts once',
    ])
  })
})

describe('what is no corpus is said to be none', () => {
  test.each([
    [{ 'corpus.jsonl': '' }, 'there is no document'],
    [{ 'qrels/test.tsv': 'x\td1\t1\n' }, 'there is no judgement of a query in queries.jsonl'],
  ])('%j', async (files, problem) => {
    await expect(load(files)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining(problem),
    })
  })

  test('a missing file', async () => {
    const { 'queries.jsonl': _, ...without } = good
    await expect(loadCorpus(await folderOf(without))).rejects.toThrow('there is no queries.jsonl beside corpus.jsonl')
    await expect(load({}, { split: 'train' })).rejects.toThrow(/train\.tsv: there is no such file/)
    await expect(loadCorpus('/nowhere/at/all')).rejects.toMatchObject({ code: 'CONFIGURATION' })
  })
})
