import type { Document } from '@tandemstore/core'
import { headingOf } from '../memory.js'
import { countTokens } from '../tokens.js'
import type { ToolCall } from './tool.js'
import { labelled } from './written.js'

/** What an answer takes beside its entries, tokens. */
export const ENVELOPE_TOKENS = 120

/** A memory in a list. A type of its own, as results are index signatures to the SDK. */
export type Entry = { key: string; labels?: string[]; title: string; date: string }

export function entryOf({ key, namespace, value, updatedAt }: Document, { space, fields }: ToolCall): Entry {
  return {
    key,
    ...labelled(space.labelsOf(namespace)),
    title: headingOf(value, fields),
    date: updatedAt.toISOString().slice(0, 10),
  }
}

export function lineOf({ key, labels, title, date }: Entry, score?: number): string {
  const place = labels === undefined ? '' : ` labels ${JSON.stringify(labels)}`
  return `- ${JSON.stringify(key)}${place} ${score === undefined ? '' : `score ${score} `}${date}: ${title}`
}

/** Clients show the model the text or the structure of a result, so both have to fit. */
export function costOf(entry: Entry, line: string): number {
  return Math.max(countTokens(JSON.stringify(entry)), countTokens(line)) + 1
}
