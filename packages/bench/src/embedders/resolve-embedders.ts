import { createStore, StoreError } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { type EmbedderInput, nameOf, type OpenEmbedder, type UnavailableEmbedder } from './available.js'
import { type OpenEmbedderOptions, openEmbedder } from './open-embedder.js'
import { parseSpec } from './specs.js'

/**
 * Makes and tries embedders, one after another, in their order. One that can't be had (a missing package, key or model, no answer) comes with the reason.
 *
 * @throws StoreError CONFIGURATION for a spec that names no embedder and for a name that comes twice, before any is made.
 */
export async function resolveEmbedders(
  inputs: readonly EmbedderInput[],
  options: OpenEmbedderOptions = {},
): Promise<(OpenEmbedder | UnavailableEmbedder)[]> {
  checkSpecs(inputs)
  const resolved: (OpenEmbedder | UnavailableEmbedder)[] = []
  for (const input of inputs) resolved.push(await resolve(input, options))
  return resolved
}

/** CONFIGURATION for a spec that names no embedder, and for two embedders of one name, which nobody could tell apart. */
export function checkSpecs(inputs: readonly EmbedderInput[]): void {
  const names = new Set<string>()
  for (const input of inputs) {
    const name = nameOf(input)
    if (names.has(name)) {
      throw new StoreError('CONFIGURATION', `Two embedders are called ${name}: give one another name`, {
        field: 'embedders',
      })
    }
    names.add(name)
    if (typeof input === 'string') parseSpec(input)
    else if ('spec' in input) parseSpec(input.spec)
  }
}

async function resolve(
  input: EmbedderInput,
  options: OpenEmbedderOptions,
): Promise<OpenEmbedder | UnavailableEmbedder> {
  let open: OpenEmbedder | undefined
  try {
    open = await openEmbedder(input, options)
    await tryEmbedder(open.embedder, options.signal)
    return open
  } catch (error) {
    await open?.close()
    options.signal?.throwIfAborted()
    return { name: nameOf(input), reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Embeds a word as a store would: loads the model, asks the provider, tries again where that may help, and checks the vector. */
export async function tryEmbedder(embedder: Embedder, signal?: AbortSignal): Promise<void> {
  const embedding = { retries: 2 }
  await using store = await createStore({
    collection: 'try',
    kv: memoryKV(),
    vectors: memoryIndex(),
    embedder,
    embedding,
  })
  await store.search([], { query: 'word', signal })
}
