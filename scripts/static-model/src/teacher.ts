import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { transformers } from '@tandemstore/embed-transformers'

export interface Teacher {
  /** One vector of length 1 for each text, one after another. */
  embed(texts: readonly string[], onProgress?: (done: number) => void): Promise<Float32Array>
  readonly dimensions: number
  close(): Promise<void>
}

const blockSize = 1024
/** A processor core each: a short text gains nothing by two. */
const workers = 2

/** The model whose vectors the table learns, from a local folder. What it has said once is kept in the cache, block by block, so that a run can be broken off. */
export async function openTeacher(modelFolder: string, cache: string): Promise<Teacher> {
  const open = () =>
    transformers({
      model: basename(modelFolder),
      localModelPath: dirname(modelFolder),
      threads: 1,
      maxInputTokens: 256,
    })
  const embedders = Array.from({ length: workers }, open)
  await Promise.all(embedders.map((embedder) => embedder.load()))
  const dimensions = embedders[0]?.dimensions ?? 0
  await mkdir(cache, { recursive: true })

  async function embedBlock(texts: readonly string[]): Promise<Float32Array> {
    const file = join(cache, `${createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 32)}.f32`)
    if (existsSync(file)) return new Float32Array((await readFile(file)).buffer.slice(0))
    const vectors = new Float32Array(texts.length * dimensions)
    let next = 0
    await Promise.all(
      embedders.map(async (embedder) => {
        while (next < texts.length) {
          const from = next
          next += 16
          const some = texts.slice(from, from + 16)
          const { vectors: made } = await embedder.embed(some, { purpose: 'document' })
          for (const [i, vector] of made.entries()) vectors.set(vector, (from + i) * dimensions)
        }
      }),
    )
    await writeFile(`${file}.part`, vectors)
    await rename(`${file}.part`, file)
    return vectors
  }

  return {
    dimensions,
    embed: async (texts, onProgress) => {
      const all = new Float32Array(texts.length * dimensions)
      for (let from = 0; from < texts.length; from += blockSize) {
        all.set(await embedBlock(texts.slice(from, from + blockSize)), from * dimensions)
        onProgress?.(Math.min(from + blockSize, texts.length))
      }
      return all
    },
    close: async () => {
      await Promise.all(embedders.map((embedder) => embedder.close()))
    },
  }
}
