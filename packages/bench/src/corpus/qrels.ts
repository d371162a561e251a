import { brokenLine } from './errors.js'
import { readLines } from './lines.js'
import type { Warnings } from './warnings.js'

/**
 * Reads judgements in BEIR's form: query id, document id and grade, parted by tabs; a first line of names is passed
 * over. Gives the grades by query and document. INVALID_ARGUMENT for a line of another form, and for two grades of
 * one pair.
 */
export async function readQrels(path: string, warnings: Warnings): Promise<Map<string, Map<string, number>>> {
  const qrels = new Map<string, Map<string, number>>()
  for await (const { line, text } of readLines(path)) {
    const cells = text.split('\t').map((cell) => cell.trim())
    if (line === 1 && cells[0] === 'query-id') continue
    const [query = '', document = '', grade = ''] = cells
    if (cells.length !== 3 || query === '' || document === '') {
      throw brokenLine(path, line, 'expected a query id, a document id and a grade, parted by tabs')
    }
    if (!/^-?\d{1,9}$/.test(grade)) throw brokenLine(path, line, 'expected a whole number as grade')
    const grades = qrels.get(query) ?? new Map<string, number>()
    qrels.set(query, grades)
    const before = grades.get(document)
    if (before !== undefined && before !== Number(grade)) {
      throw brokenLine(path, line, `the pair ${JSON.stringify([query, document])} has another grade already`)
    }
    if (before !== undefined) warnings.count('judgements came twice; each counts once')
    grades.set(document, Number(grade))
  }
  return qrels
}
