import { brokenLine } from './errors.js'
import type { NamedSection } from './known-items.js'
import { idOf, readJsonLines, textOf } from './lines.js'
import type { Warnings } from './warnings.js'

/**
 * Reads one text a line, from a field of JSON objects, with `title` as its heading where there is one. The id is
 * `_id` or `id`, else the number of the line.
 */
export async function sectionsOfJsonLines(
  path: string,
  textField: string,
  warnings: Warnings,
): Promise<NamedSection[]> {
  const sections = new Map<string, NamedSection>()
  for await (const each of readJsonLines(path)) {
    const idField = ['_id', 'id'].find((field) => each.value[field] !== undefined)
    const id = idField === undefined ? `line ${each.line}` : idOf(each, idField, path)
    const section = { id, heading: textOf(each, 'title', path, true), body: textOf(each, textField, path) }
    const before = sections.get(id)
    if (before !== undefined && (before.heading !== section.heading || before.body !== section.body)) {
      throw brokenLine(path, each.line, `another text has the id ${JSON.stringify(id)} already`)
    }
    if (before !== undefined) warnings.count('lines came twice with the same id and text; each counts once')
    sections.set(id, section)
  }
  return [...sections.values()]
}
