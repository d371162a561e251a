import { appendFile, readFile, truncate } from 'node:fs/promises'
import { invalid } from '@tandemstore/core/adapter'
import type { CopyPosition } from './copy-store.js'

/** Positions of a copy in a file, one a line, so that writing one never harms those before. */
export class CopyState {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** The last position of each namespace; none where there is no file. */
  async read(): Promise<CopyPosition[]> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    const complete = text.slice(0, text.lastIndexOf('\n') + 1)
    // A last line without an end was broken off; what is appended must not join it.
    if (complete !== text) await truncate(this.#path, Buffer.byteLength(complete))
    const lines = complete.split('\n').slice(0, -1)
    return lines.map((line, i) => this.#parse(line, i + 1))
  }

  append(position: CopyPosition): Promise<void> {
    return appendFile(this.#path, `${JSON.stringify(position)}\n`)
  }

  #parse(line: string, number: number): CopyPosition {
    try {
      const { namespace, offset, isDone } = JSON.parse(line)
      if (Array.isArray(namespace) && Number.isSafeInteger(offset))
        return { namespace, offset, isDone: isDone === true }
    } catch {
      // No JSON: refused below, as is JSON of something else.
    }
    throw invalid('--state', `a file of an earlier copy (line ${number} of ${this.#path} is of something else)`)
  }
}
