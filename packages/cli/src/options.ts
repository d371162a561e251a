import type { FilterInput, JsonObject } from '@tandemstore/core'
import { InvalidArgumentError, Option } from 'commander'
import { parseNamespace } from './namespace-path.js'

export type Filter = FilterInput<JsonObject>

/** Reads a flag that is a whole number of at least `least`. */
export function wholeNumber(least: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (value.trim() === '' || !Number.isSafeInteger(number) || number < least)
      throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`)
    return number
  }
}

/** `--filter`, which several commands have. What it means is core's matter. */
export function filterOption(): Option {
  return new Option(
    '--filter <json>',
    `only documents that pass, such as '{"lang":"en","year":{"$gte":2024}}'`,
  ).argParser((text: string): Filter => {
    try {
      const filter: unknown = JSON.parse(text)
      if (typeof filter === 'object' && filter !== null && !Array.isArray(filter)) return filter as Filter
    } catch {
      // Refused below, as is JSON of something else.
    }
    throw new InvalidArgumentError('Expected a JSON object.')
  })
}

/** Reads an argument that is a namespace. */
export function namespace(text: string): string[] {
  try {
    return parseNamespace(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
  }
}
