import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StoreError } from '@tandemstore/core'
import { checkConfig } from './check-config.js'
import type { BenchConfig } from './config.js'

const names = ['tandem.bench.ts', 'tandem.bench.js', 'tandem.bench.mjs', 'tandem.bench.json']

/**
 * Reads the configuration: the file given, else the first of tandem.bench.ts, .js, .mjs and .json in the working
 * folder, else an empty one. Node.js itself takes the types out of TypeScript. Paths in it become absolute.
 *
 * @throws StoreError CONFIGURATION for a file that is not there, does not run or has no default export; and naming a
 * field that is wrong.
 */
export async function loadConfig(path?: string): Promise<BenchConfig> {
  const file = path ?? names.find((name) => existsSync(name))
  if (file === undefined) return {}
  if (!existsSync(file)) throw new StoreError('CONFIGURATION', `${file}: there is no such file`, { field: 'config' })
  const config = checkConfig(await read(file), file)
  return withAbsolutePaths(config, dirname(resolve(file)))
}

async function read(file: string): Promise<unknown> {
  try {
    if (extname(file) === '.json') return JSON.parse(await readFile(file, 'utf8'))
    const module = (await import(pathToFileURL(resolve(file)).href)) as { readonly default?: unknown }
    if (module.default !== undefined) return module.default
  } catch (cause) {
    throw new StoreError('CONFIGURATION', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      field: 'config',
      cause,
    })
  }
  throw new StoreError('CONFIGURATION', `${file}: expected a default export`, { field: 'config' })
}

function withAbsolutePaths(config: BenchConfig, folder: string): BenchConfig {
  const absolute = <Name extends string>(name: Name, path: string | undefined) =>
    (path === undefined ? {} : { [name]: resolve(folder, path) }) as { readonly [Each in Name]?: string }
  const { connection, compare } = config
  return {
    ...config,
    ...absolute('models', config.models),
    ...absolute('json', config.json),
    ...absolute('html', config.html),
    ...(connection === undefined ? {} : { connection: { ...connection, ...absolute('path', connection.path) } }),
    ...(compare === undefined ? {} : { compare: { ...compare, ...absolute('corpus', compare.corpus) } }),
  }
}
