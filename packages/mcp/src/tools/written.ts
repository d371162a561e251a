import type { Receipt } from '@tandemstore/core'
import type { z } from 'zod'
import type { savedOutput } from './schemas.js'
import type { ToolCall } from './tool.js'

/** How long a tool waits for what it wrote to be searchable, milliseconds. It is durable before. */
const SEARCHABLE_MS = 10_000

type Saved = z.input<typeof savedOutput>

/** The answer to a write, when it is searchable or that takes too long. */
export async function written(
  verb: 'Saved' | 'Updated',
  { key, labels }: { readonly key: string; readonly labels: readonly string[] | undefined },
  receipt: Receipt,
  { signal }: ToolCall,
): Promise<{ result: Saved; text: string }> {
  const reason = await whyNotSearchable(receipt, signal)
  const searchable = reason === undefined
  const at = labelled(labels)
  const result = { key, ...at, version: receipt.version, searchable }
  const where = at.labels === undefined ? '' : ` at labels ${JSON.stringify(at.labels)}`
  const note = searchable ? '' : ` memory_search does not find it yet: ${reason}`
  return { result, text: `${verb} with the key ${JSON.stringify(key)}${where}, version ${receipt.version}.${note}` }
}

/** Labels as results have them: absent at the top. */
export function labelled(labels: readonly string[] | undefined): { labels?: string[] } {
  return labels === undefined || labels.length === 0 ? {} : { labels: [...labels] }
}

async function whyNotSearchable(receipt: Receipt, signal: AbortSignal): Promise<string | undefined> {
  const waiting = Promise.withResolvers<string>()
  const timer = setTimeout(() => waiting.resolve('it is still being indexed.'), SEARCHABLE_MS)
  const onAbort = (): void => waiting.resolve('the call was aborted.')
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([receipt.indexed, waiting.promise]).then((reason) => reason ?? undefined)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
