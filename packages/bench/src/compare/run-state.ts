import { hash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OpenEmbedder } from '../embedders/available.js'
import { ownMark, parseMark, refuseUnlessEnded } from '../store/run-mark.js'
import type { MeasuredEmbedder } from './measure-embedder.js'
import { openVectorCache, type VectorCache } from './vector-cache.js'

/** What a comparison keeps on disk until it is finished, so that a broken one can go on. */
export interface RunState {
  of(open: OpenEmbedder): Promise<EmbedderState>
  /** Deletes all of it. */
  remove(): Promise<void>
  /** Lets other runs have it. Does nothing after `remove`. */
  release(): Promise<void>
}

export interface EmbedderState {
  readonly cache: VectorCache
  /** What an earlier run measured, if it came to the end of this embedder, and when: ISO 8601. */
  readonly earlier?: { readonly at: string; readonly measured: MeasuredEmbedder } | undefined
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

const MARK = 'run.json'

/**
 * Opens what a comparison keeps, for this run alone.
 *
 * @throws StoreError CONFIGURATION while another run has it.
 */
export async function openRunState({ folder, identity, resume, warn }: RunStateOptions): Promise<RunState> {
  if (folder === undefined) {
    const nothing = async () => {}
    return {
      of: async () => ({ cache: await openVectorCache(), keep: nothing, keepPartial: nothing }),
      remove: nothing,
      release: nothing,
    }
  }
  const own = join(folder, hash('sha256', identity).slice(0, 16))
  await mkdir(own, { recursive: true })
  await claim(join(own, MARK))
  if (!resume) await clear(own)
  let released = false
  return {
    async of({ name, embedder: { model }, pricePerMillionTokens = null }) {
      const base = join(own, hash('sha256', JSON.stringify([name, model, pricePerMillionTokens])).slice(0, 16))
      const earlier = await readSealed<NonNullable<EmbedderState['earlier']>>(`${base}.json`, name, warn)
      const partial = await readSealed<PartialIngest>(`${base}.ingest.json`, name, warn)
      // Vectors without a word of what they took would leave the speed and the cost unknown.
      if (partial === undefined) await rm(`${base}.vectors`, { force: true })
      const cache = await openVectorCache(`${base}.vectors`)
      if (cache.broken > 0)
        warn(`${cache.broken} vectors that an earlier run kept of ${name} are broken, and were made again`)
      return {
        cache,
        earlier,
        partial,
        keep: (measured) => writeSealed(`${base}.json`, { at: new Date().toISOString(), measured }),
        keepPartial: (partial) => writeSealed(`${base}.ingest.json`, partial),
      }
    },
    async release() {
      if (!released) await rm(join(own, MARK), { force: true })
      released = true
    },
    async remove() {
      released = true
      await rm(own, { recursive: true, force: true })
      if ((await readdir(folder)).length === 0) await rmdir(folder)
    },
  }
}

/** Writes the mark of this run, in place of one of a run that has ended. */
async function claim(path: string): Promise<void> {
  const mark = JSON.stringify(ownMark())
  try {
    await writeFile(path, mark, { flag: 'wx' })
    return
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const other = parseMark(await readFile(path, 'utf8'))
  if (other !== undefined) refuseUnlessEnded(other, `what a comparison of this corpus keeps in ${path}`, path)
  await writeFile(path, mark)
}

async function clear(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name !== MARK) await rm(join(folder, name), { recursive: true, force: true })
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
