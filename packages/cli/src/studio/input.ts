import type { Namespace } from '@tandemstore/core'
import { invalid } from '@tandemstore/core/adapter'
import type { Filter } from '../options.js'

/** What a request asks for: the fields of its JSON, checked one by one. What a store checks itself is left to it. */
export class Input {
  readonly #fields: Readonly<Record<string, unknown>>

  constructor(fields: unknown, allowed: readonly string[]) {
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw invalid('body', 'a JSON object')
    const unknown = Object.keys(fields).find((name) => !allowed.includes(name))
    if (unknown !== undefined) throw invalid(unknown, `one of ${allowed.join(', ') || 'no fields'}`)
    this.#fields = fields as Readonly<Record<string, unknown>>
  }

  namespace(name: string): Namespace {
    const value = this.#fields[name]
    if (Array.isArray(value) && value.every((label) => typeof label === 'string')) return value
    throw invalid(name, 'an array of labels')
  }

  text(name: string): string {
    const value = this.#fields[name]
    if (typeof value === 'string') return value
    throw invalid(name, 'a text')
  }

  optionalText(name: string): string | undefined {
    return this.#fields[name] === undefined ? undefined : this.text(name)
  }

  filter(name: string): Filter | undefined {
    const value = this.#fields[name]
    if (value === undefined || (typeof value === 'object' && value !== null)) return value as Filter | undefined
    throw invalid(name, 'a JSON object')
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#fields[name]
    if (value === undefined || typeof value === 'number') return value
    throw invalid(name, 'a number')
  }

  flag(name: string): boolean {
    const value = this.#fields[name] ?? false
    if (typeof value === 'boolean') return value
    throw invalid(name, 'true or false')
  }
}
