import { invalid } from '../errors.js'
import { escapeName, parsePath } from './paths.js'

/** How many paths one with braces may stand for: each brace multiplies them. */
const MAX_ALTERNATIVES = 100

/**
 * The names under which FilterValues keeps what a filter path reaches: its property names, arrays entered silently.
 * One name, or with `{a,b}` one for each way to read it.
 */
export function parseFilterPath(path: unknown, field: string): readonly string[] {
  let paths: readonly (readonly string[])[] = [[]]
  for (const step of parsePath(path, field)) {
    if (step === 'each') continue
    if (step === 'any') throw invalid(field, 'a filter path without *: name the property, or some as {a,b}')
    if ('element' in step) throw invalid(field, 'a filter path without [n]: a filter looks into every element')
    const names = 'property' in step ? [step.property] : step.properties
    paths = paths.flatMap((before) => names.map((name) => [...before, escapeName(name)]))
    if (paths.length > MAX_ALTERNATIVES)
      throw invalid(field, `a path that stands for at most ${MAX_ALTERNATIVES} paths`)
  }
  if (path === '$') throw invalid(field, 'the path of a property')
  return paths.map((names) => names.join('.'))
}
