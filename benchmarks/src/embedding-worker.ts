// A remote embedder, imitated in a thread of its own, so that its work holds up nobody's event loop. A message is a seed, from which it begins anew.
import { parentPort } from 'node:worker_threads'
import { startEmbeddingServer } from '@tandemstore/testkit/services'
import { logNormal, seeded } from '../../packages/core/bench/random.ts'
import { someVector } from './documents.ts'
import type { RemoteAddress } from './remote-embedder.ts'

let random = seeded(0)
const { openAIUrl, apiKey } = await startEmbeddingServer({
  takesMs: (texts) => (40 + 0.2 * texts) * logNormal(random, 0.5),
  vectorOf: () => Array.from(someVector()),
})
parentPort?.on('message', (seed: number) => {
  random = seeded(seed)
  parentPort?.postMessage({ url: openAIUrl, apiKey } satisfies RemoteAddress)
})
