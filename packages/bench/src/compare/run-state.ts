import { hash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OpenEmbedder } from '../embedders/available.js'
import type { MeasuredEmbedder } from './measure-embedder.js'
import { openVectorCache, type VectorCache } from './vector-cache.js'

/** What a comparison keeps on disk until it is finished, so that a broken one can go on. */
export interface RunState {
  of(open: OpenEmbedder): Promise<EmbedderState>
  /** Deletes all of it. */
  remove(): Promise<void>
}

export interface EmbedderState {
  readonly cache: VectorCache
  /** What an earlier run measured, if it came to the end of this embedder. */
  readonly measured?: MeasuredEmbedder | undefined
  /** What an earlier run did in embedding documents and did not come to the end of. */
  readonly partial?: PartialIngest | undefined
  keep(measured: MeasuredEmbedder): Promise<void>
  keepPartial(partial: PartialIngest): Promise<void>
}

/** Of texts embedded, not of those that a cache held. */
export interface PartialIngest {
  readonly texts: number
  readonly durationMs: number
  readonly tokens: number
  readonly tokensEstimated: boolean
}

export interface RunStateOptions {
  /** Without one nothing is kept. */
  readonly folder?: string | undefined
  /** Everything but the embedder that decides the results. */
  readonly identity: string
  /** Whether to go on with what is there; else it is deleted. */
  readonly resume: boolean
  readonly warn: (message: string) => void
}

export async function openRunState({ folder, identity, resume, warn }: RunStateOptions): Promise<RunState> {
  if (folder === undefined) {
    const nothing = async () => {}
    return {
      of: async () => ({ cache: await openVectorCache(), keep: nothing, keepPartial: nothing }),
      remove: nothing,
    }
  }
  const own = join(folder, hash('sha256', identity).slice(0, 16))
  if (!resume) await rm(own, { recursive: true, force: true })
  await mkdir(own, { recursive: true })
  return {
    async of({ name, embedder: { model }, pricePerMillionTokens = null }) {
      const base = join(own, hash('sha256', JSON.stringify([name, model, pricePerMillionTokens])).slice(0, 16))
      const measured = await readSealed<MeasuredEmbedder>(`${base}.json`, name, warn)
      const partial = await readSealed<PartialIngest>(`${base}.ingest.json`, name, warn)
      // Vectors without a word of what they took would leave the speed and the cost unknown.
      if (partial === undefined) await rm(`${base}.vectors`, { force: true })
      const cache = await openVectorCache(`${base}.vectors`)
      if (cache.broken > 0)
        warn(`${cache.broken} vectors that an earlier run kept of ${name} are broken, and were made again`)
      return {
        cache,
        measured,
        partial,
        keep: (measured) => writeSealed(`${base}.json`, measured),
        keepPartial: (partial) => writeSealed(`${base}.ingest.json`, partial),
      }
    },
    async remove() {
      await rm(own, { recursive: true, force: true })
      if ((await readdir(folder)).length === 0) await rmdir(folder)
    },
  }
}

/** JSON under its own hash: a file that anything has happened to is not believed. */
async function writeSealed(path: string, value: object): Promise<void> {
  const json = JSON.stringify(value)
  await writeFile(`${path}.new`, `${hash('sha256', json)}\n${json}`)
  await rename(`${path}.new`, path)
}

async function readSealed<Value>(
  path: string,
  name: string,
  warn: (message: string) => void,
): Promise<Value | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const [seal, json = ''] = text.split('\n', 2)
  if (hash('sha256', json) === seal) return JSON.parse(json) as Value
  warn(`What an earlier run kept of ${name} is broken, and was measured again`)
  return undefined
}
