import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { StoreError } from '@tandemstore/core'
import { local } from '@tandemstore/embed-local'
import { onTestFinished } from 'vitest'
import { start } from '../run.js'
import { openNotes } from '../stores.js'

export interface Answer<Body> {
  readonly status: number
  readonly body: Body
}

export interface RunningStudio {
  /** As it was printed, with the token. */
  readonly url: string
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string
  readonly token: string
  // biome-ignore lint/suspicious/noExplicitAny: an answer is compared, field by field
  ask<Body = any>(name: string, input?: object, headers?: Readonly<Record<string, string>>): Promise<Answer<Body>>
  /** Ctrl-C. Gives the exit code. */
  stop(): Promise<number | null>
}

/** Starts `tandem studio` on the file of notes, as a user does. It ends with the test. */
export async function startStudio(folder: string, ...flags: readonly string[]): Promise<RunningStudio> {
  const child = start(['studio', '--db', 'notes.db', ...flags], { folder })
  const ended = once(child, 'exit') as Promise<[number | null]>
  const stderr = text(child.stderr)
  onTestFinished(async () => {
    child.kill()
    await ended
  })
  const lines = createInterface({ input: child.stdout })
  const first = await Promise.race([once(lines, 'line'), ended.then(() => undefined)])
  if (first === undefined) throw new Error(`tandem studio ended: ${await stderr}`)
  const url = String(first[0])
  const { origin, hash } = new URL(url)
  const token = hash.replace('#token=', '')
  return {
    url,
    origin,
    token,
    async ask(name, input = {}, headers = {}) {
      const response = await fetch(`${origin}/api/${name}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(input),
      })
      return { status: response.status, body: await response.json() }
    },
    async stop() {
      child.kill('SIGINT')
      const [code] = await ended
      return code
    },
  }
}

/** Writes documents whose texts the model refuses once, so that they cannot be found. */
export async function addFailures(folder: string, keys: readonly string[]): Promise<void> {
  const embedder = local()
  await using store = await openNotes(folder, {
    embedder: {
      ...embedder,
      async embed(texts, options) {
        if (texts.some((text) => text.startsWith('Refused')))
          throw new StoreError('EMBEDDING_FAILED', 'The text was refused', { retryable: false })
        return embedder.embed(texts, options)
      },
    },
    sync: 'background',
    leaseMs: 100,
  })
  store.on('indexFailed', () => {})
  for (const key of keys) {
    const { indexed } = await store.put(['refused'], key, { title: `Refused ${key}` })
    await indexed.catch(() => {})
  }
}
