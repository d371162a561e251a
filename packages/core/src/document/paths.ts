import { invalid } from '../errors.js'
import type { Filterable, FilterValues } from '../ports/vector-records.js'
import { parseInstant } from './instant.js'

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** One step into a value: a property, one element of an array, or every element. */
export type Step = { readonly property: string } | { readonly element: number } | 'each'

/** The whole value. */
export const WHOLE = '$'

const prototypeNames: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor'])

/**
 * Parses a path: `$` (the whole value), `a.b`, `a[*].b` (each element), `a[0]`. A backslash before `.`, `[`, `]` or itself takes it as a letter of the name.
 */
export function parsePath(path: unknown, field: string): readonly Step[] {
  const expected = 'a path such as a.b, a[*].b or a[0] (write a backslash before . [ ] in a name)'
  if (typeof path !== 'string' || path === '' || path.length > 1024 || !path.isWellFormed() || path.includes('\0'))
    throw invalid(field, expected)
  if (path === WHOLE) return []
  const steps: Step[] = []
  let at = 0
  while (at < path.length) {
    if (path[at] === '[') {
      const end = path.indexOf(']', at)
      const inside = end < 0 ? '' : path.slice(at + 1, end)
      if (!/^(\*|\d{1,9})$/.test(inside) || steps.length === 0) throw invalid(field, expected)
      steps.push(inside === '*' ? 'each' : { element: Number(inside) })
      at = end + 1
      if (at < path.length && path[at] !== '.' && path[at] !== '[') throw invalid(field, expected)
      continue
    }
    if (path[at] === '.') {
      if (steps.length === 0) throw invalid(field, expected)
      at += 1
    }
    let name = ''
    while (at < path.length && path[at] !== '.' && path[at] !== '[') {
      if (path[at] === ']') throw invalid(field, expected)
      if (path[at] === '\\') {
        at += 1
        if (!'.[]\\'.includes(path[at] ?? ' ')) throw invalid(field, expected)
      }
      name += path[at]
      at += 1
    }
    if (name === '') throw invalid(field, expected)
    if (prototypeNames.has(name)) throw invalid(field, `a path without ${name}`)
    steps.push({ property: name })
  }
  return steps
}

/** The values that a path reaches, in order. Own properties only. */
export function reach(value: Json, steps: readonly Step[]): readonly Json[] {
  let reached: readonly Json[] = [value]
  for (const step of steps) {
    const [only] = reached
    reached =
      only !== undefined && reached.length === 1
        ? reachStep(only, step)
        : reached.flatMap((each) => reachStep(each, step))
  }
  return reached
}

function reachStep(value: Json, step: Step): readonly Json[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) {
    if (step === 'each') return value
    return typeof step === 'object' && 'element' in step && step.element < value.length
      ? [value[step.element] as Json]
      : []
  }
  if (step === 'each' || !('property' in step) || !Object.hasOwn(value, step.property)) return []
  return [(value as { readonly [name: string]: Json })[step.property] as Json]
}

/** The name under which FilterValues keeps what a filter path reaches: its property names, arrays entered silently. */
export function parseFilterPath(path: unknown, field: string): string {
  const names: string[] = []
  for (const step of parsePath(path, field)) {
    if (step === 'each') continue
    if ('element' in step) throw invalid(field, 'a filter path without [n]: a filter looks into every element')
    names.push(escapeName(step.property))
  }
  if (names.length === 0) throw invalid(field, 'the path of a property')
  return names.join('.')
}

function escapeName(name: string): string {
  return /[.[\]\\]/.test(name) ? name.replace(/[.[\]\\]/g, '\\$&') : name
}

interface Lists {
  strings?: string[]
  numbers?: number[]
  booleans?: boolean[]
  instants?: number[]
}

/** Every scalar of a value by its filter path; arrays entered at any depth, null dropped. `filterable` has normalised paths. */
export function filterValues(value: Json, filterable: Filterable): FilterValues {
  const found: Record<string, Lists> = {}
  collect(value, '', filterable, found)
  return found
}

function collect(value: Json, path: string, filterable: Filterable, found: Record<string, Lists>): void {
  if (value === null) return
  if (typeof value !== 'object') {
    // No filter can name it, and it would be no property like any other.
    if (path !== '__proto__') addScalar(value, path, filterable, found)
  } else if (Array.isArray(value)) {
    for (const element of value) collect(element, path, filterable, found)
  } else {
    for (const name of Object.keys(value)) {
      const inner = (value as { readonly [name: string]: Json })[name] as Json
      collect(inner, path === '' ? escapeName(name) : `${path}.${escapeName(name)}`, filterable, found)
    }
  }
}

function addScalar(
  value: string | number | boolean,
  path: string,
  filterable: Filterable,
  found: Record<string, Lists>,
): void {
  const lists = Object.hasOwn(found, path) ? found[path] : undefined
  if (lists === undefined) found[path] = listsOf(value)
  else if (typeof value === 'string') add(lists, 'strings', value)
  else if (typeof value === 'number') add(lists, 'numbers', value)
  else add(lists, 'booleans', value)

  const instant = typeof value === 'string' && filterable[path] === 'datetime' ? parseInstant(value) : undefined
  if (instant !== undefined) add(found[path] as Lists, 'instants', instant)
}

function listsOf(value: string | number | boolean): Lists {
  if (typeof value === 'string') return { strings: [value] }
  return typeof value === 'number' ? { numbers: [value] } : { booleans: [value] }
}

function add<K extends keyof Lists>(lists: Lists, kind: K, value: NonNullable<Lists[K]>[number]): void {
  const list = lists[kind] as (typeof value)[] | undefined
  if (list === undefined) (lists[kind] as (typeof value)[]) = [value]
  else list.push(value)
}
