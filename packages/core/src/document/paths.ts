import { invalid } from '../errors.js'

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** One step into a value. */
export type Step =
  | { readonly property: string }
  /** `{a,b}`: both, in this order. */
  | { readonly properties: readonly string[] }
  /** `[0]`; from the end where it is negative. */
  | { readonly element: number }
  /** `[*]`: every element of an array. */
  | 'each'
  /** `*`: every property of an object, every element of an array. */
  | 'any'

/** The whole value. */
export const WHOLE = '$'

/** Characters of a path. Nothing can be searched or filtered by what lies under a longer one. */
export const MAX_PATH_LENGTH = 1024

const EXPECTED =
  'a path such as a.b, a[0], a[-1], a[*].b, a.* or {a,b}.c (write a backslash before . [ ] { } * , in a name)'
const prototypeNames: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor'])
/** What stands for itself only behind a backslash. */
const specials = /[.[\]{}*,\\]/g
const special = /[.[\]{}*,\\]/
/** A name that may have such characters behind backslashes; a comma needs none outside braces. */
const nameAt = /(?:[^.[\]{}*\\]|\\[.[\]{}*,\\])+/y
const bracesAt = /\{((?:[^.[\]{}*,\\]|\\[.[\]{}*,\\])+(?:,(?:[^.[\]{}*,\\]|\\[.[\]{}*,\\])+)*)\}/y
const elementAt = /\[(\*|-?\d{1,9})\]/y

/**
 * Parses a path: `$` (the whole value), `a.b`, `a[0]`, `a[-1]` (the last), `a[*].b` (each element), `a.*` (each
 * property or element), `{a,b}.c` (both). A backslash takes the next one of `. [ ] { } * , \` as a letter of the
 * name.
 */
export function parsePath(path: unknown, field: string): readonly Step[] {
  if (typeof path !== 'string' || path.length > MAX_PATH_LENGTH || !path.isWellFormed() || path.includes('\0'))
    throw invalid(field, EXPECTED)
  if (path === WHOLE) return []
  const steps: Step[] = []
  for (let at = 0; at < path.length || steps.length === 0; ) {
    const element = matchAt(elementAt, path, at)
    if (element !== undefined && steps.length > 0) {
      const [whole, inside = ''] = element
      steps.push(inside === '*' ? 'each' : { element: Number(inside) })
      at += whole.length
      continue
    }
    if (steps.length > 0) {
      if (path[at] !== '.') throw invalid(field, EXPECTED)
      at += 1
    }
    const [step, length] = parseNames(path, at, field)
    steps.push(step)
    at += length
  }
  return steps
}

/** A name, `*` or `{a,b}` at a place in a path, and how long it is there. */
function parseNames(path: string, at: number, field: string): readonly [Step, number] {
  if (path[at] === '*') return ['any', 1]
  const braces = matchAt(bracesAt, path, at)
  if (braces !== undefined) {
    const names = braces[1]?.match(/(?:[^,\\]|\\.)+/g) ?? []
    return [{ properties: [...new Set(names.map((name) => checkName(name, field)))] }, braces[0].length]
  }
  const [name = ''] = matchAt(nameAt, path, at) ?? []
  return [{ property: checkName(name, field) }, name.length]
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

function checkName(written: string, field: string): string {
  if (written === '') throw invalid(field, EXPECTED)
  const name = written.replace(/\\(.)/g, '$1')
  if (prototypeNames.has(name)) throw invalid(field, `a path without ${name}`)
  return name
}

/** A name as a path has it. */
export function escapeName(name: string): string {
  // Most names have none, and looking is faster than replacing.
  return special.test(name) ? name.replace(specials, '\\$&') : name
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
    if (step === 'each' || step === 'any') return value
    const element = 'element' in step ? value.at(step.element) : undefined
    return element === undefined ? [] : [element]
  }
  if (step === 'any') return Object.values(value)
  if (step === 'each' || 'element' in step) return []
  const names = 'property' in step ? [step.property] : step.properties
  return names
    .filter((name) => Object.hasOwn(value, name))
    .map((name) => (value as { readonly [name: string]: Json })[name] as Json)
}
