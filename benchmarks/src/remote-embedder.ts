import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

export const MODEL = 'all-minilm'
export const TEXTS_PER_CALL = 100
export const CALLS_AT_A_TIME = 5

export interface RemoteAddress {
  readonly url: string
  readonly apiKey: string
}

/** An imitated remote embedder that speaks OpenAI's protocol on loopback. */
export interface RemoteEmbedder {
  /** Its address, from where on the times it takes depend on the seed. */
  begin(seed: number): Promise<RemoteAddress>
  stop(): Promise<unknown>
}

/** Starts one for all that is measured: a thread that has just begun would take the processor for a while that no remote machine would. */
export function startRemoteEmbedder(): RemoteEmbedder {
  const worker = new Worker(new URL('./embedding-worker.ts', import.meta.url))
  return {
    async begin(seed) {
      worker.postMessage(seed)
      const [address] = (await once(worker, 'message')) as [RemoteAddress]
      return address
    },
    stop: () => worker.terminate(),
  }
}
