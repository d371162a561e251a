import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

export const MODEL = 'all-minilm'
export const TEXTS_PER_CALL = 100
export const CALLS_AT_A_TIME = 5

export interface RemoteAddress {
  readonly url: string
  readonly apiKey: string
}

/** Starts an imitated remote embedder that speaks OpenAI's protocol on loopback; the times it takes depend on the seed. Gives it to `use`, then ends it. */
export async function withRemoteEmbedder<Result>(
  seed: number,
  use: (address: RemoteAddress) => Promise<Result>,
): Promise<Result> {
  const worker = new Worker(new URL('./embedding-worker.ts', import.meta.url), { workerData: seed })
  try {
    const [address] = (await once(worker, 'message')) as [RemoteAddress]
    return await use(address)
  } finally {
    await worker.terminate()
  }
}
