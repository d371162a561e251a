import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createStore, type Store, StoreError, type StoreOptions } from '@tandemstore/core'
import type { Authenticate } from './auth.js'
import type { MemoryFields } from './memory.js'
import type { NamespaceOption } from './namespace.js'

/** What a configuration file exports beside the options of its store. */
export interface ServerConfig {
  readonly namespace?: NamespaceOption | undefined
  readonly authenticate?: Authenticate | undefined
  readonly fields?: MemoryFields | undefined
}

/**
 * Opens the store of a configuration file: a module whose default export is the options of `createStore`, or a
 * function that gives them. It may also export `namespace`, `authenticate` and `fields`.
 *
 * @throws StoreError CONFIGURATION for a file that does not run or has no options; what `createStore` throws.
 */
export async function openConfigured(path: string): Promise<ServerConfig & { readonly store: Store }> {
  const { default: given, namespace, authenticate, fields } = await load(path)
  const options: unknown = typeof given === 'function' ? await given() : given
  if (typeof options !== 'object' || options === null)
    throw configuration(path, 'expected the options of createStore, or a function that gives them, as default export')
  return { namespace, authenticate, fields, store: await createStore(options as StoreOptions) }
}

async function load(path: string): Promise<ServerConfig & { readonly default?: unknown }> {
  try {
    return await import(pathToFileURL(resolve(path)).href)
  } catch (cause) {
    throw configuration(path, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function configuration(path: string, message: string, cause?: unknown): StoreError {
  return new StoreError('CONFIGURATION', `${path}: ${message}`, { field: 'config', cause })
}
