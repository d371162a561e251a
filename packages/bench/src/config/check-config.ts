import { StoreError } from '@tandemstore/core'
import { type EmbedderInput, isEmbedder } from '../embedders/available.js'
import { parseSpec } from '../embedders/specs.js'
import { isNumberFrom, isWholeNumber } from '../numbers.js'
import { searchModes, storeKinds } from '../options.js'
import type { StoreConnection } from '../store/open-store.js'
import type { BenchConfig, CompareConfig } from './config.js'

type Check = (value: unknown, field: string) => void
type Fields<T> = { readonly [Name in keyof Required<T>]: Check }

const connectionFields: Fields<StoreConnection> = {
  path: text,
  search: oneOf(['exact', 'approximate']),
  scylla: text,
  dataCenter: text,
  keyspace: text,
  qdrantUrl: text,
  qdrantApiKey: text,
}

const compareFields: Fields<CompareConfig> = {
  corpus: text,
  split: text,
  textField: text,
  maxQueries: wholeNumber(1),
  onTooLong: oneOf(['truncate', 'chunk']),
  modes: listOf(searchModes),
  language: text,
  minNdcg: number(1),
  maxP95: number(Number.POSITIVE_INFINITY),
}

const configFields: Fields<BenchConfig> = {
  embedders,
  models: text,
  store: oneOf(storeKinds),
  connection: fields(connectionFields),
  collection: (value, field) => {
    if (typeof value !== 'string' || !/^[a-z][a-z0-9_]{0,31}$/.test(value)) {
      throw wrong(field, 'a name that matches ^[a-z][a-z0-9_]{0,31}$')
    }
  },
  json: text,
  html: text,
  seed: wholeNumber(0),
  reranker: (value, field) => {
    const { name, rerank } = (value ?? {}) as { readonly name?: unknown; readonly rerank?: unknown }
    if (typeof name !== 'string' || typeof rerank !== 'function')
      throw wrong(field, 'a Reranker, such as crossEncoder({ model })')
  },
  compare: fields(compareFields),
}

/** Gives a configuration back as what it is. CONFIGURATION names the file and the field that is wrong. */
export function checkConfig(value: unknown, file: string): BenchConfig {
  try {
    fields(configFields)(value, '')
  } catch (error) {
    if (!(error instanceof WrongField)) throw error
    const { field, expected } = error
    const where = field === '' ? file : `${file}: ${field}`
    throw new StoreError('CONFIGURATION', `${where}: ${expected}`, { field: field === '' ? 'default' : field })
  }
  return value as BenchConfig
}

class WrongField extends Error {
  readonly field: string
  readonly expected: string

  constructor(field: string, expected: string) {
    super(`${field}: ${expected}`)
    this.field = field
    this.expected = expected
  }
}

const wrong = (field: string, expected: string): WrongField => new WrongField(field, `expected ${expected}`)

function fields(known: Readonly<Record<string, Check>>): Check {
  const checks = new Map(Object.entries(known))
  return (value, field) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(field, 'an object')
    for (const [name, each] of Object.entries(value)) {
      const path = field === '' ? name : `${field}.${name}`
      const check = checks.get(name)
      if (check === undefined)
        throw new WrongField(path, `there is no such field; there are ${[...checks.keys()].join(', ')}`)
      if (each !== undefined) check(each, path)
    }
  }
}

function embedders(value: unknown, field: string): void {
  if (!Array.isArray(value) || value.length === 0) throw wrong(field, 'a list of at least one embedder')
  value.forEach((each, i) => void embedder(each as EmbedderInput, `${field}[${i}]`))
}

function embedder(value: EmbedderInput, field: string): void {
  if (typeof value === 'string') spec(value, field)
  else if (!isEmbedder(value)) {
    fields({
      name: text,
      spec,
      embedder: (own: unknown, at: string) => {
        if (!isEmbedder(own)) throw wrong(at, 'an Embedder, such as local()')
      },
      pricePerMillionTokens: number(Number.POSITIVE_INFINITY),
    })(value, field)
    if ('spec' in value === 'embedder' in value)
      throw wrong(field, 'an Embedder, or an object with one of spec and embedder')
  }
}

function spec(value: unknown, field: string): void {
  if (typeof value !== 'string') throw wrong(field, 'a text such as openai:text-embedding-3-small')
  try {
    parseSpec(value)
  } catch (error) {
    throw new WrongField(field, error instanceof Error ? error.message : String(error))
  }
}

function text(value: unknown, field: string): void {
  if (typeof value !== 'string' || value === '') throw wrong(field, 'a text')
}

function number(most: number): Check {
  return (value, field) => {
    if (!isNumberFrom(value, 0, most)) {
      throw wrong(field, Number.isFinite(most) ? `a number from 0 to ${most}` : 'a number of at least 0')
    }
  }
}

function wholeNumber(least: number): Check {
  return (value, field) => {
    if (!isWholeNumber(value, least)) throw wrong(field, `a whole number of at least ${least}`)
  }
}

function oneOf(words: readonly string[]): Check {
  return (value, field) => {
    if (!words.includes(value as string)) throw wrong(field, `one of ${words.join(', ')}`)
  }
}

function listOf(words: readonly string[]): Check {
  return (value, field) => {
    if (!Array.isArray(value) || value.length === 0 || value.some((each) => !words.includes(each)))
      throw wrong(field, `a list of some of ${words.join(', ')}`)
  }
}
