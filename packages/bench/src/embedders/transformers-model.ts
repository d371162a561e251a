import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { importOptional } from '../optional.js'
import type { OpenEmbedder } from './available.js'

const HUB = 'https://huggingface.co'
const HUB_TIMEOUT_MS = 5000

type Made = Pick<OpenEmbedder, 'embedder' | 'explain' | 'close'>

/**
 * A model of the folder, where it has one of that name (`Xenova/all-MiniLM-L6-v2`, or the last part of it), else of
 * the Hugging Face hub or its cache.
 */
export async function openTransformers(model: string, folder: string | undefined): Promise<Made> {
  const { transformers } = await importOptional(
    '@tandemstore/embed-transformers',
    () => import('@tandemstore/embed-transformers'),
  )
  const local = folder === undefined ? undefined : localName(model, folder)
  if (local !== undefined) {
    const embedder = transformers({ model: local, localModelPath: folder })
    return { embedder, close: () => embedder.close() }
  }
  const embedder = transformers({ model })
  return { embedder, explain: (signal) => askHub(model, folder, signal), close: () => embedder.close() }
}

function localName(model: string, folder: string): string | undefined {
  const names = [model, model.split('/').at(-1) ?? model]
  return names.find((name) => existsSync(join(folder, name, 'config.json')))
}

/**
 * What the hub says of a model that could not be loaded. Not asked before: a model may be in the cache, where no hub
 * is needed.
 */
async function askHub(model: string, folder: string | undefined, signal?: AbortSignal): Promise<string | undefined> {
  const place =
    folder === undefined ? 'There is no folder of models (--models, TANDEM_MODELS)' : `It is not in ${folder}`
  const timeout = AbortSignal.timeout(HUB_TIMEOUT_MS)
  try {
    const path = model.split('/').map(encodeURIComponent).join('/')
    const { status } = await fetch(`${HUB}/${path}/resolve/main/config.json`, {
      method: 'HEAD',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    return status >= 400 ? `${place}, and the Hugging Face hub answers ${status} for ${model}` : undefined
  } catch {
    signal?.throwIfAborted()
    return `${place}, and the Hugging Face hub cannot be reached`
  }
}
