import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { JsonObject, StoreOptions } from '@tandemstore/core'
import { wrongUsage } from '../exit-codes.js'
import type { Place } from './place.js'

const names = ['tandem.config.ts', 'tandem.config.mts', 'tandem.config.js', 'tandem.config.mjs']

/** Gives the options of a store their type, in a configuration file. */
export function defineConfig<T extends object = JsonObject, Input extends object = T>(
  options: StoreOptions<T, Input>,
): StoreOptions<T, Input> {
  return options
}

/** The configuration file of the working folder, if there is one. */
export function findConfigFile(): string | undefined {
  return names.find((name) => existsSync(name))
}

/** Node.js itself takes the types out of TypeScript. */
export async function placeOfConfig(file: string): Promise<Place> {
  if (!existsSync(file)) throw wrongUsage(`${file}: there is no such file`)
  const options = await load(file)
  const { collection, kv, vectors } = options
  return { name: file, collection, kv, vectors, configured: options }
}

async function load(file: string): Promise<StoreOptions> {
  let module: { readonly default?: unknown }
  try {
    module = await import(pathToFileURL(resolve(file)).href)
  } catch (cause) {
    throw wrongUsage(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
  const options = (await module.default) as Partial<StoreOptions> | undefined
  if (typeof options?.collection === 'string' && typeof options.kv?.open === 'function') return options as StoreOptions
  throw wrongUsage(`${file}: expected the options of createStore as the default export: { collection, kv, … }`)
}
