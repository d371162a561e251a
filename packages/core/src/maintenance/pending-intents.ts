import { refId, startsWith } from '../document/namespace.js'
import { versionMicros } from '../document/version.js'
import type { DocumentRef, Namespace, Version } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'

const PAGE = 256
/**
 * Milliseconds that the clocks of writers may differ. An intent with a version that much older than the last reading
 * may still have been written after it.
 */
const MARGIN_MS = 60_000

/** The intents of a space that a writer or recovery is going to follow, as of the last reading. */
export class PendingIntents {
  readonly #kv: KVCollection
  readonly #space: string
  #documents: ReadonlySet<string> = new Set()
  #prefixes: readonly Namespace[] = []
  #readAt = Number.NEGATIVE_INFINITY

  constructor(kv: KVCollection, space: string) {
    this.#kv = kv
    this.#space = space
  }

  /**
   * Reads the intents. Where there are many, it reads them only if one of the suspects may be newer than the last
   * reading: by its version, or because it is `unseen`, as no version tells.
   */
  async lookFor(suspects: readonly { readonly highest: Version; readonly unseen: boolean }[]): Promise<void> {
    const latest = Math.max(...suspects.map(({ highest }) => versionMicros(highest) / 1000))
    const mayBeNewer = suspects.some(({ unseen }) => unseen)
    if (!mayBeNewer && this.#documents.size >= PAGE && latest < this.#readAt - MARGIN_MS) return
    const readAt = Date.now()
    const documents = new Set<string>()
    const prefixes: Namespace[] = []
    let cursor: string | undefined
    do {
      const page = await this.#kv.listIntents({ space: this.#space, cursor, limit: PAGE })
      for (const intent of page.intents) {
        if (intent.failure !== undefined) continue
        if (intent.kind === 'prefix') prefixes.push(intent.namespace)
        else documents.add(refId(intent))
      }
      cursor = page.cursor
    } while (cursor !== undefined)
    this.#documents = documents
    this.#prefixes = prefixes
    this.#readAt = readAt
  }

  covers(ref: DocumentRef): boolean {
    return this.#documents.has(refId(ref)) || this.#prefixes.some((prefix) => startsWith(ref.namespace, prefix))
  }
}
