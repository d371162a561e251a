import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { wrongUsage } from '../exit-codes.js'

/** How far an import has come. */
export interface ImportState {
  /** Everything up to this position has been dealt with. */
  readonly position: number
  readonly written: number
  readonly skipped: number
  readonly failed: number
}

/** Of what an import it is: the input as it is now, what is made of it, and where it goes. */
export interface ImportIdentity {
  readonly input: string
  readonly target: string
}

/** The state of an import in a file beside its input, until it is done. */
export class Checkpoint {
  readonly #file: string
  readonly #identity: ImportIdentity

  constructor(file: string, identity: ImportIdentity) {
    this.#file = file
    this.#identity = identity
  }

  /** What an earlier import of the same input to the same place has left. */
  async read(): Promise<ImportState | undefined> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return undefined
    try {
      const { input, target, state } = JSON.parse(text) as ImportIdentity & { readonly state: ImportState }
      return input === this.#identity.input && target === this.#identity.target ? state : undefined
    } catch {
      // Not ours, or of another release: begun anew, which does no harm.
      return undefined
    }
  }

  /** Replaced as a whole, so that it is never half a file. */
  async write(state: ImportState): Promise<void> {
    const next = `${this.#file}.new`
    try {
      await writeFile(next, JSON.stringify({ ...this.#identity, state }))
      await rename(next, this.#file)
    } catch (cause) {
      throw wrongUsage(`${this.#file} cannot be written, to note how far the import is: give --state`, cause)
    }
  }

  remove(): Promise<void> {
    return rm(this.#file, { force: true })
  }
}
