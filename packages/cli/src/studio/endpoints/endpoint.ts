import type { Document } from '@tandemstore/core'
import type { DocumentHead } from '../api-types.js'
import type { Input } from '../input.js'
import type { Studio } from '../studio.js'

/** What the page can ask for: `POST /api/<name>` with a JSON object, answered by JSON. */
export interface Endpoint {
  /** The fields of the request. */
  readonly takes: readonly string[]
  /** Only with `--write`. */
  readonly writes?: boolean
  /** The signal fires when nobody waits for the answer any more. */
  run(studio: Studio, input: Input, signal: AbortSignal): Promise<unknown>
}

export function headOf({ namespace, key, version, createdAt, updatedAt, expiresAt }: Document): DocumentHead {
  return {
    namespace,
    key,
    version,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
  }
}
