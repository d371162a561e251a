import type { JsonObject } from '@tandemstore/core'
import { invalid, type Json } from '@tandemstore/core/adapter'

/** What JSON writes for a lone surrogate and for NUL. */
const escapedFault = /\\u(?:d[89a-f]|0000)/i

/** A value as the other stores of LangGraph keep it: what JSON makes of it. Text that no database takes is repaired. */
export function normaliseValue(value: unknown, field: string): JsonObject {
  const normalised = normaliseJson(value, field)
  if (typeof normalised !== 'object' || normalised === null || Array.isArray(normalised))
    throw invalid(field, 'an object, or null to delete the item')
  return normalised as JsonObject
}

/** @throws StoreError INVALID_ARGUMENT for what has no JSON: a cycle, a BigInt, a function. */
export function normaliseJson(value: unknown, field: string): Json {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (error) {
    throw invalid(field, `a value that JSON can hold (${error instanceof Error ? error.message : String(error)})`)
  }
  if (text === undefined) throw invalid(field, `a value that JSON can hold, not ${typeof value}`)
  const parsed: Json = JSON.parse(text)
  return escapedFault.test(text) ? repaired(parsed) : parsed
}

/** A text with U+FFFD in the place of each lone surrogate and each NUL. */
export function repairText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

function repaired(value: Json): Json {
  if (typeof value === 'string') return repairText(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(repaired)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [repairText(name), repaired(inner)]))
}
