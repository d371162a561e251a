import type { Document, JsonObject } from '@tandemstore/core'
import type { Json } from '@tandemstore/core/adapter'

/** The properties of a value that hold a memory's title and text. */
export interface MemoryFields {
  /** Default: `title`. */
  readonly title?: string | undefined
  /** Default: `text`. */
  readonly text?: string | undefined
}

export type ResolvedFields = { readonly [Name in keyof MemoryFields]-?: string }

/** What the tools take; `null` removes in an update. */
export interface MemoryParts {
  readonly title?: string | null | undefined
  readonly text?: string | undefined
  readonly tags?: readonly string[] | null | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined
}

/** Longest title of a hit, in UTF-16 units. */
const HEADING_LENGTH = 100

/** The value of a document with these parts; what `value` holds beside them stays. */
export function withParts(value: JsonObject, parts: MemoryParts, fields: ResolvedFields): JsonObject {
  const changed: Record<string, Json> = { ...value }
  const set = (name: string, part: Json | undefined): void => {
    if (part === null) delete changed[name]
    else if (part !== undefined) changed[name] = part
  }
  set(fields.title, parts.title)
  set(fields.text, parts.text)
  set('tags', parts.tags === null ? null : parts.tags?.slice())
  set('metadata', mergedMetadata(changed.metadata, parts.metadata))
  return changed
}

function mergedMetadata(old: Json | undefined, change: MemoryParts['metadata']): Json | undefined {
  if (change === null || change === undefined) return change
  const kept = typeof old === 'object' && old !== null && !Array.isArray(old) ? old : {}
  // It came as JSON.
  const merged = { ...kept, ...change } as JsonObject
  return Object.fromEntries(Object.entries(merged).filter(([, entry]) => entry !== null))
}

/** A memory's title, or else its first words, in one line. */
export function headingOf(value: JsonObject, fields: ResolvedFields): string {
  for (const candidate of [value[fields.title], value[fields.text], ...Object.values(value)]) {
    if (typeof candidate !== 'string') continue
    const line = oneLine(candidate)
    if (line !== '') return shortened(line)
  }
  return shortened(oneLine(JSON.stringify(value)))
}

/** A line break in a title must not look like the next hit. */
export function oneLine(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
}

function shortened(line: string): string {
  if (line.length <= HEADING_LENGTH) return line
  const cut = line.slice(0, HEADING_LENGTH - 1)
  const space = cut.lastIndexOf(' ')
  return `${(space > HEADING_LENGTH / 2 ? cut.slice(0, space) : cut).toWellFormed().replace(/\ufffd$/, '')}…`
}

/** The whole of a memory, as text. */
export function wholeText(
  { key, value, version, createdAt, updatedAt, expiresAt }: Document,
  labels: readonly string[],
  fields: ResolvedFields,
): string {
  const { [fields.title]: title, [fields.text]: text, ...others } = value
  const lines = [
    `key: ${JSON.stringify(key)}`,
    ...(labels.length === 0 ? [] : [`labels: ${JSON.stringify(labels)}`]),
    `version: ${version}`,
    `created: ${createdAt.toISOString()}, updated: ${updatedAt.toISOString()}`,
    ...(expiresAt === undefined ? [] : [`expires: ${expiresAt.toISOString()}`]),
    ...Object.entries({ [fields.title]: title, ...others })
      .filter(([, entry]) => entry !== undefined)
      .map(([name, entry]) => `${name}: ${JSON.stringify(entry)}`),
  ]
  if (typeof text === 'string') lines.push('', text)
  else if (text !== undefined) lines.push(`${fields.text}: ${JSON.stringify(text)}`)
  return lines.join('\n')
}
