import type { Filterable, FilterValues } from '../ports/vector-records.js'
import { finish, type Steps } from '../resilience/steps.js'
import { parseInstant } from './instant.js'
import { escapeName, type Json, MAX_PATH_LENGTH } from './paths.js'

interface Lists {
  strings?: string[]
  numbers?: number[]
  booleans?: boolean[]
  instants?: number[]
}

/** An object or array that is being read, from `next` on. */
type Frame =
  | {
      readonly path: string
      readonly names: readonly string[]
      readonly of: { readonly [name: string]: Json }
      next: number
    }
  | { readonly path: string; readonly names: undefined; readonly of: readonly Json[]; next: number }

/** Values looked at between two pauses. */
const STEP = 500

/**
 * Every scalar of a value by its filter path; arrays entered at any depth, null dropped. `filterable` has normalised
 * paths. What no filter path can name is left out: what lies under an empty name or a path of over 1,024 characters.
 */
export function filterValues(value: Json, filterable: Filterable): FilterValues {
  return finish(filterValueSteps(value, filterable))
}

/** `filterValues` with pauses. */
export function* filterValueSteps(value: Json, filterable: Filterable): Steps<FilterValues> {
  const found: Record<string, Lists> = {}
  const frames: Frame[] = []
  const enter = (inner: Json, path: string): void => {
    if (inner === null || typeof inner !== 'object') return
    if (Array.isArray(inner)) frames.push({ path, names: undefined, of: inner, next: 0 })
    else frames.push({ path, names: Object.keys(inner), of: inner as { readonly [name: string]: Json }, next: 0 })
  }
  enter(value, '')
  for (let looked = 1; frames.length > 0; looked += 1) {
    if (looked % STEP === 0) yield
    const frame = frames.at(-1) as Frame
    if (frame.next === (frame.names ?? frame.of).length) {
      frames.pop()
      continue
    }
    const name = frame.names?.[frame.next]
    const inner = (frame.names === undefined ? frame.of[frame.next] : frame.of[name as string]) as Json
    const path = name === undefined ? frame.path : join(frame.path, name)
    frame.next += 1
    if (path === undefined || inner === null) continue
    if (typeof inner === 'object') enter(inner, path)
    // No filter can name it, and it would be no property like any other.
    else if (path !== '__proto__') addScalar(inner, path, filterable, found)
  }
  return found
}

/** `undefined` for a path that no filter can name. Only the root's own path is empty. */
function join(path: string, name: string): string | undefined {
  if (name === '' || path.length + name.length >= MAX_PATH_LENGTH) return undefined
  const escaped = escapeName(name)
  const joined = path === '' ? escaped : `${path}.${escaped}`
  return joined.length > MAX_PATH_LENGTH ? undefined : joined
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
