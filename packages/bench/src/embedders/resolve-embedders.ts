import { createStore } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { type EmbedderInput, nameOf, type OpenEmbedder, type UnavailableEmbedder } from './available.js'
import { type OpenEmbedderOptions, openEmbedder } from './open-embedder.js'
import { parseSpec } from './specs.js'

/**
 * Makes and tries embedders, one after another, in their order. One that can't be had (a missing package, key or model, no answer) comes with the reason.
 *
 * @throws StoreError CONFIGURATION for a spec that names no embedder, before any is made.
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

/** CONFIGURATION for a spec that names no embedder. */
export function checkSpecs(inputs: readonly EmbedderInput[]): void {
  for (const input of inputs) {
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
