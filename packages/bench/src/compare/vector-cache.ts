import { appendFile, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import type { EmbeddingCache } from '@tandemstore/core/adapter'

/** The vectors of one run, all kept in memory; those that come before `endFile` in a file too, if there is one. */
export interface VectorCache extends EmbeddingCache {
  /** How many the file held. */
  readonly restored: number
  /** Lines of the file that were no whole vectors, and were passed over. */
  readonly broken: number
  endFile(): void
  /** Resolves when all is in the file; rejects if it could not be written. */
  settled(): Promise<void>
}

/**
 * Opens a cache over a file of vectors, which is read if it is there: on each line the key, the little-endian floats
 * in base64 and a checksum of both. A run that is killed leaves one broken line at most.
 */
export async function openVectorCache(path?: string): Promise<VectorCache> {
  const vectors = new Map<string, Float32Array>()
  const broken = path === undefined ? 0 : await restore(path, vectors)
  const restored = vectors.size
  let writes: Promise<void> = Promise.resolve()
  let file = path
  return {
    name: 'bench',
    restored,
    broken,
    endFile() {
      file = undefined
    },
    settled: () => writes,
    getMany: (keys) => keys.map((key) => vectors.get(key)),
    setMany(entries) {
      for (const [key, vector] of entries) vectors.set(key, vector)
      const to = file
      if (to === undefined || entries.length === 0) return
      const lines = entries.map(([key, vector]) => formatLine(key, vector)).join('')
      writes = writes.then(() => appendFile(to, lines))
      // The store need not wait for the disk, and `settled` tells of a failure.
      writes.catch(() => {})
    },
    clear: () => vectors.clear(),
    size: () => ({ entries: vectors.size }),
  }
}

/** Gives the number of broken lines. */
async function restore(path: string, vectors: Map<string, Float32Array>): Promise<number> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, 'a+')
  let broken = 0
  try {
    // Ends a last line that was cut off; an empty line means nothing.
    if ((await file.stat()).size > 0) await file.write('\n')
    for await (const line of file.readLines({ start: 0, autoClose: false })) {
      if (line === '') continue
      const entry = parseLine(line)
      if (entry === undefined) broken += 1
      else vectors.set(...entry)
    }
  } finally {
    await file.close()
  }
  return broken
}

function formatLine(key: string, vector: Float32Array): string {
  const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
  const text = `${key} ${bytes.toString('base64')}`
  return `${text} ${crc32(text)}\n`
}

function parseLine(line: string): [key: string, vector: Float32Array] | undefined {
  const end = line.lastIndexOf(' ')
  const text = line.slice(0, Math.max(0, end))
  const [key = '', floats = ''] = text.split(' ')
  if (key === '' || String(crc32(text)) !== line.slice(end + 1)) return undefined
  const bytes = Buffer.from(floats, 'base64')
  if (bytes.length === 0 || bytes.length % 4 !== 0) return undefined
  // A copy of its own: what Buffer gives may begin anywhere in a larger one.
  return [key, new Float32Array(Uint8Array.from(bytes).buffer)]
}
