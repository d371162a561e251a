import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  AutoTokenizer,
  env,
  LogLevel,
  type PreTrainedModel,
  type PreTrainedTokenizer,
  Tensor,
} from '@huggingface/transformers'
import { connectionError, innerReason, StoreError } from '@tandemstore/core/adapter'
import type { ModelSource, TokenizerFiles } from './protocol.js'

/** A length that stands for "no limit" in tokenizer files is 1e30 or so. */
const noLimit = 1e9

/** What loads the weights: a class of @huggingface/transformers, by the kind of model. */
export interface ModelLoader {
  from_pretrained(model: string, options: object): Promise<PreTrainedModel>
}

/** A model in memory, and what makes its inputs. */
export interface LoadedParts {
  readonly model: PreTrainedModel
  /** Tokens that are read at a time. `Infinity` where the model names no limit. */
  readonly readable: number
  readonly tokenizer: TokenizerFiles
  /** The inputs for a text, or a pair of them, cut at what is readable, and their tokens. */
  encode(text: string, pair?: string): { readonly inputs: Record<string, Tensor>; readonly tokens: number }
}

/**
 * Loads a model from the local folder, else from the hub if that is allowed. Sets the library's environment, so it
 * wants a thread of its own. CONFIGURATION: it is in neither place, or not what is needed. UNAVAILABLE: the hub does
 * not answer.
 */
export async function loadParts(source: ModelSource, loader: ModelLoader): Promise<LoadedParts> {
  const place = setPlace(source)
  const loading = [
    AutoTokenizer.from_pretrained(source.model),
    loader.from_pretrained(source.model, {
      dtype: source.dtype as 'q8',
      ...(source.device === undefined ? {} : { device: source.device as 'cpu' }),
      session_options: {
        ...(source.threads === undefined ? {} : { intraOpNumThreads: source.threads }),
        // Threads that spin while they wait gain a twentieth on an idle machine, and lose half of the speed on a busy
        // one.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
      },
    }),
  ] as const
  // Both, also where one has failed: the library shares requests under way, and the next attempt would get this one's
  // failure.
  await Promise.allSettled(loading)
  const [tokenizer, model] = await Promise.all(loading).catch((error: unknown) => {
    throw loadError(error, source, place)
  })
  const readable = Math.min(
    source.maxInputTokens ?? Number.POSITIVE_INFINITY,
    ...declaredLimits(tokenizer.model_max_length, model.config),
  )
  const special = new Set(tokenizer.all_special_ids)
  const { _tokenizerJSON: rules, _tokenizerConfig: config } = tokenizer
  return {
    model,
    readable,
    tokenizer: { rules, config },
    encode: (text, pair) => {
      const encoded = encodeWith(tokenizer, text, pair)
      const inputs: Record<string, Tensor> = {}
      let tokens = 0
      for (const [name, [values = []]] of Object.entries(encoded)) {
        const kept = cut(values, readable, encoded.input_ids?.[0], special)
        tokens = kept.length
        inputs[name] = new Tensor('int64', BigInt64Array.from(kept, BigInt), [1, kept.length])
      }
      return { inputs, tokens }
    },
  }
}

function encodeWith(
  tokenizer: PreTrainedTokenizer,
  text: string,
  pair: string | undefined,
): Record<string, number[][]> {
  // Not every tokenizer says by itself which of a pair a token belongs to, and models that do not ask are not told.
  const ofPair = pair === undefined ? {} : { text_pair: [pair], return_token_type_ids: true }
  const options = { return_tensor: false, ...ofPair }
  return tokenizer([text], options) as unknown as Record<string, number[][]>
}

/** Tells the library where to look, and gives the place in words. */
function setPlace({
  model,
  localModelPath,
  allowRemote,
  cacheDir,
  remoteHost,
  revision = 'main',
}: ModelSource): string {
  env.logLevel = LogLevel.ERROR
  const folder = localModelPath === undefined ? undefined : join(localModelPath, model)
  if (localModelPath !== undefined && folder !== undefined && existsSync(join(folder, 'config.json'))) {
    env.localModelPath = localModelPath
    env.allowRemoteModels = false
    return folder
  }
  if (!allowRemote) {
    const looked = folder === undefined ? 'no localModelPath was given' : `there is no ${join(folder, 'config.json')}`
    throw new StoreError('CONFIGURATION', `The model ${model} was not found: ${looked}, and allowRemote is false`)
  }
  env.allowLocalModels = false
  env.remoteHost = remoteHost ?? env.remoteHost
  env.cacheDir = cacheDir ?? env.cacheDir
  if (revision !== 'main') {
    // Told a revision, the library still asks the hub for a file of `main`, even when it has all it needs in its cache.
    env.remotePathTemplate = env.remotePathTemplate.replace('{revision}', encodeURIComponent(revision))
    env.cacheDir = join(env.cacheDir ?? '', 'revisions', encodeURIComponent(revision))
  }
  return `${env.remoteHost} (revision ${revision})`
}

function loadError(error: unknown, { model, dtype }: ModelSource, place: string): StoreError {
  const inner = innerReason(error)
  const outer = error instanceof Error ? error.message : String(error)
  const reason = outer.includes(inner) ? outer : `${outer} (${inner})`
  // Of the errors of loading only a failed fetch, and the hub's own failures, pass by themselves.
  const passing =
    /fetch failed|network|socket|terminated|\((408|429|5\d\d)\)|internal server error|bad gateway|service unavailable|gateway timeout/i
  const isPassing = error instanceof Error && error.name !== 'ModelFileNotFoundError' && passing.test(reason)
  // A certificate that is not trusted, say, is a failed fetch that does not pass.
  const code = isPassing ? (connectionError(error, 'The hub')?.code ?? 'UNAVAILABLE') : 'CONFIGURATION'
  return new StoreError(code, `The model ${model} with dtype ${dtype} could not be loaded from ${place}: ${reason}`, {
    cause: error,
  })
}

/** The lengths that the tokenizer and the model state. */
function declaredLimits(modelMaxLength: unknown, config: unknown): number[] {
  const { max_position_embeddings: positions } = config as { max_position_embeddings?: unknown }
  return [modelMaxLength, positions].filter(
    (limit): limit is number => typeof limit === 'number' && limit > 0 && limit < noLimit,
  )
}

/** The first `length` values; where the text ends with a special token, that stays its end. */
function cut(
  values: readonly number[],
  length: number,
  ids: readonly number[] = values,
  special: ReadonlySet<number> = new Set(),
): number[] {
  if (values.length <= length) return [...values]
  const last = ids.at(-1)
  if (last === undefined || !special.has(last)) return values.slice(0, length)
  return [...values.slice(0, length - 1), ...values.slice(-1)]
}
