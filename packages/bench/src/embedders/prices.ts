import type { Spec } from './specs.js'

/**
 * List prices in US dollars for a million tokens, outside of batches: https://platform.openai.com/docs/pricing,
 * https://ai.google.dev/gemini-api/docs/pricing. They change: the configuration file can say what is paid.
 */
const listPrices: Readonly<Record<string, number>> = {
  'openai:text-embedding-3-small': 0.02,
  'openai:text-embedding-3-large': 0.13,
  'openai:text-embedding-ada-002': 0.1,
  'gemini:gemini-embedding-001': 0.15,
}

/** 0 for a model on this machine, undefined for one that is not known. */
export function priceOf({ provider, model }: Spec): number | undefined {
  if (provider === 'local' || provider === 'transformers') return 0
  // A server of one's own sets its own prices.
  if (provider === 'openai' && process.env.OPENAI_BASE_URL) return undefined
  const name = `${provider}:${model}`
  return Object.hasOwn(listPrices, name) ? listPrices[name] : undefined
}
