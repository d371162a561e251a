import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { StoreError } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { local } from '@tandemstore/embed-local'
import { transformers } from '@tandemstore/embed-transformers'
import type { Arguments } from './arguments.ts'
import type { SectionLimits } from './sections.ts'
import { UserError } from './user-error.ts'

export interface ChosenEmbedder {
  readonly embedder: Embedder
  /** Part of the name of the file that its vectors are kept in. */
  readonly name: string
  /** Which one, and why, in one line. */
  readonly why: string
  /** How to get a better one, if there is. */
  readonly better?: string
  /** What a section may hold for the model to read all of it. */
  readonly limits: SectionLimits
}

const folderName = 'all-MiniLM-L6-v2'
const hubName = `Xenova/${folderName}`
const hubTimeoutMs = 3000
const howToGetMiniLM = `let this machine reach huggingface.co, or put config.json, tokenizer.json, tokenizer_config.json and onnx/model_quantized.onnx of ${hubName} into .cache/models/${folderName}`

/** MiniLM where it can be had, for it finds better; else the static model that comes with the package. */
export async function chooseEmbedder(
  wanted: Arguments['embedder'],
  root: string,
  signal: AbortSignal,
): Promise<ChosenEmbedder> {
  if (wanted === 'local') return useStatic('as asked for', 'run without --embedder local')
  try {
    return await miniLM(root, signal)
  } catch (error) {
    if (signal.aborted || !(error instanceof UserError || StoreError.isInstance(error))) throw error
    if (wanted === 'transformers') throw error
    return useStatic(error.message, howToGetMiniLM)
  }
}

async function miniLM(root: string, signal: AbortSignal): Promise<ChosenEmbedder> {
  const cacheDir = join(root, '.cache', 'models')
  const folders = [process.env.TANDEM_MODELS, cacheDir]
  const folder = folders.find((path) => path !== undefined && existsSync(join(path, folderName, 'config.json')))
  if (folder === undefined) await checkHub(signal)
  const embedder =
    folder === undefined
      ? transformers({ model: hubName, cacheDir })
      : transformers({ model: folderName, localModelPath: folder })
  await embedder.load({ signal })
  return {
    embedder,
    name: embedder.model.name.replace('/', '-'),
    why: `${folderName} from ${folder ?? 'the Hugging Face hub'}`,
    limits: limitsOf(embedder),
  }
}

function useStatic(reason: string, how: string): ChosenEmbedder {
  const embedder = local()
  return {
    embedder,
    name: `${embedder.model.name}-${embedder.model.revision}`,
    why: `the static model of @tandemstore/embed-local (${reason})`,
    better: `${folderName} finds more: ${how}.`,
    limits: limitsOf(embedder),
  }
}

function limitsOf(embedder: Embedder): SectionLimits {
  return {
    // MiniLM was trained on texts of up to 256 word pieces, and takes longer ones less well.
    maxTokens: Math.min(256, embedder.limits?.maxInputTokens ?? 256),
    countTokens: (text) => embedder.countTokens?.(text) ?? Math.ceil(text.length / 3),
  }
}

/** Asks the hub before the model is loaded from it, which would wait for an answer far longer. */
async function checkHub(signal: AbortSignal): Promise<void> {
  const url = `https://huggingface.co/${hubName}/resolve/main/config.json`
  const missing = `${folderName} is in no local folder, and the Hugging Face hub`
  let response: Response
  try {
    const timeout = AbortSignal.timeout(hubTimeoutMs)
    response = await fetch(url, { method: 'HEAD', signal: AbortSignal.any([signal, timeout]) })
  } catch (error) {
    signal.throwIfAborted()
    throw new UserError(`${missing} cannot be reached`, 1, { cause: error })
  }
  if (!response.ok) throw new UserError(`${missing} answers ${response.status}`)
}
