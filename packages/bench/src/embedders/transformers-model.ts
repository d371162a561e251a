import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { StoreError } from '@tandemstore/core'
import { importOptional } from '../store/optional.js'
import type { OpenEmbedder } from './available.js'

const HUB = 'https://huggingface.co'
const HUB_TIMEOUT_MS = 5000

type Made = Pick<OpenEmbedder, 'embedder' | 'close'>

/**
 * A model of the folder, where it has one of that name (`Xenova/all-MiniLM-L6-v2`, or the last part of it), else of the Hugging Face hub.
 *
 * @throws StoreError CONFIGURATION where neither has it, UNAVAILABLE where the hub does not answer.
 */
export async function openTransformers(
  model: string,
  folder: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Made> {
  const { transformers } = await importOptional(
    '@tandemstore/embed-transformers',
    () => import('@tandemstore/embed-transformers'),
  )
  const local = folder === undefined ? undefined : localName(model, folder)
  if (local === undefined) await checkHub(model, folder, signal)
  const embedder =
    local === undefined ? transformers({ model }) : transformers({ model: local, localModelPath: folder })
  return { embedder, close: () => embedder.close() }
}

function localName(model: string, folder: string): string | undefined {
  const names = [model, model.split('/').at(-1) ?? model]
  return names.find((name) => existsSync(join(folder, name, 'config.json')))
}

/** Asks the hub before the model is loaded from it, which would wait for an answer for minutes. */
async function checkHub(model: string, folder: string | undefined, signal: AbortSignal | undefined): Promise<void> {
  const place =
    folder === undefined ? 'There is no folder of models (--models, TANDEM_MODELS)' : `It is not in ${folder}`
  const timeout = AbortSignal.timeout(HUB_TIMEOUT_MS)
  let status: number
  try {
    const path = model.split('/').map(encodeURIComponent).join('/')
    const response = await fetch(`${HUB}/${path}/resolve/main/config.json`, {
      method: 'HEAD',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    status = response.status
  } catch (cause) {
    signal?.throwIfAborted()
    throw new StoreError('UNAVAILABLE', `${place}, and the Hugging Face hub cannot be reached`, { cause })
  }
  if (status >= 400)
    throw new StoreError('CONFIGURATION', `${place}, and the Hugging Face hub answers ${status} for ${model}`)
}
