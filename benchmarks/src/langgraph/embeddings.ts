import { setTimeout as sleep } from 'node:timers/promises'
import { Embeddings } from '@langchain/core/embeddings'
import { seeded } from '../../../packages/core/bench/random.ts'

export const DIMENSIONS = 384

/** An imitated remote model: every call takes as long as is said, and a text always has the same vector. */
export class SlowEmbeddings extends Embeddings {
  /** Milliseconds that a call takes. */
  callMs = 0
  calls = 0

  constructor() {
    super({})
  }

  async embedDocuments(texts: string[]): Promise<number[][]> {
    await this.#call()
    return texts.map(vectorOf)
  }

  async embedQuery(text: string): Promise<number[]> {
    await this.#call()
    return vectorOf(text)
  }

  #call(): Promise<void> {
    this.calls += 1
    return this.callMs === 0 ? Promise.resolve() : sleep(this.callMs)
  }
}

function vectorOf(text: string): number[] {
  let seed = 0
  for (let i = 0; i < text.length; i += 1) seed = (Math.imul(seed, 31) + text.charCodeAt(i)) >>> 0
  const random = seeded(seed)
  return Array.from({ length: DIMENSIONS }, () => random() - 0.5)
}
