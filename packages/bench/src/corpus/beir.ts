import { basename, join, resolve } from 'node:path'
import type { Corpus, CorpusQuery } from './corpus.js'
import { noCorpus } from './errors.js'
import { idOf, readJsonLines, textOf } from './lines.js'
import { readQrels } from './qrels.js'
import { createTexts, type Texts } from './texts.js'
import { createWarnings, type Warnings } from './warnings.js'

/**
 * Reads a folder in BEIR's layout (https://github.com/beir-cellar/beir): corpus.jsonl with `_id`, `title` and `text`,
 * queries.jsonl with `_id` and `text`, qrels/<split>.tsv. A document is its title, a space and its text, as BEIR's
 * own models read it.
 */
export async function loadBeir(folder: string, split: string): Promise<Corpus> {
  const warnings = createWarnings()
  const { documents, queries: texts } = await readTexts(folder, warnings)
  const path = join(folder, 'qrels', `${split}.tsv`)
  const queries = judgedQueries(texts, await readQrels(path, warnings), documents, warnings)
  if (queries.length === 0) throw noCorpus(`${path}: there is no judgement of a query in queries.jsonl`)
  return { ...corpusOf(folder, documents, warnings), queries }
}

/** Likewise, with every query and without judgements, for those who score nothing. */
export async function loadUnjudgedBeir(folder: string): Promise<Corpus> {
  const warnings = createWarnings()
  const { documents, queries } = await readTexts(folder, warnings)
  if (queries.all.size === 0) throw noCorpus(`${join(folder, 'queries.jsonl')}: there is no query`)
  return {
    ...corpusOf(folder, documents, warnings),
    queries: [...queries.all].map(([id, text]) => ({ id, text, judgements: new Map() })),
  }
}

async function readTexts(folder: string, warnings: Warnings): Promise<{ documents: Texts; queries: Texts }> {
  const paths = { corpus: join(folder, 'corpus.jsonl'), queries: join(folder, 'queries.jsonl') }
  const documents = createTexts(paths.corpus, 'document', warnings)
  for await (const each of readJsonLines(paths.corpus)) {
    const title = textOf(each, 'title', paths.corpus, true)
    const text = textOf(each, 'text', paths.corpus)
    documents.add(idOf(each, '_id', paths.corpus), title === '' ? text : `${title} ${text}`, each.line)
  }
  const queries = createTexts(paths.queries, 'query', warnings)
  for await (const each of readJsonLines(paths.queries)) {
    queries.add(idOf(each, '_id', paths.queries), textOf(each, 'text', paths.queries), each.line)
  }
  if (documents.all.size === 0) throw noCorpus(`${paths.corpus}: there is no document`)
  return { documents, queries }
}

function corpusOf(folder: string, documents: Texts, warnings: Warnings): Omit<Corpus, 'queries'> {
  return {
    name: basename(resolve(folder)),
    kind: 'judged',
    documents: [...documents.all].map(([id, text]) => ({ id, text })),
    warnings: warnings.texts,
  }
}

/** Joins queries and judgements as trec_eval does, which averages over the queries that are judged. */
function judgedQueries(
  texts: Texts,
  qrels: ReadonlyMap<string, ReadonlyMap<string, number>>,
  documents: Texts,
  warnings: Warnings,
): CorpusQuery[] {
  for (const [query, grades] of qrels) {
    if (!texts.has(query)) {
      warnings.count('judgements are of queries that are not in queries.jsonl, and were left out', grades.size)
    } else if (texts.all.has(query)) {
      const unknown = [...grades].filter(([id]) => !documents.has(id))
      const relevant = unknown.filter(([, grade]) => grade >= 1).length
      warnings.count(
        'judgements name documents that are not in the corpus; as in trec_eval they count as relevant and not found',
        relevant,
      )
      warnings.count(
        'judgements name documents that are not in the corpus, and are not relevant',
        unknown.length - relevant,
      )
    }
  }
  return [...texts.all].flatMap(([id, text]) => {
    const judgements = qrels.get(id)
    if (judgements === undefined) {
      warnings.count('queries have no judgements, and were left out')
      return []
    }
    if (![...judgements.values()].some((grade) => grade >= 1)) {
      warnings.count('queries have no relevant document; as in trec_eval they score 0')
    }
    return [{ id, text, judgements }]
  })
}
