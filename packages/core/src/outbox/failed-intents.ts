import { refId, startsWith } from '../document/namespace.js'
import type { DocumentRef, Version } from '../ports/common.js'
import type { Intent } from '../ports/kv-records.js'

/** Documents of a space that are remembered; of more, recovery finds the intents. */
const MAX_DOCUMENTS = 10_000

/**
 * Intents of this store that record why a document will never be searchable. They are over when a newer version of it
 * is projected.
 */
export class FailedIntents {
  /** By space and document. */
  readonly #byDocument = new Map<string, Intent[]>()

  add(intents: readonly Intent[]): void {
    for (const intent of intents) {
      const id = idOf(intent)
      const same = this.#byDocument.get(id)
      if (same !== undefined) {
        if (!same.some(({ version }) => version === intent.version)) same.push(intent)
      } else if (this.#byDocument.size < MAX_DOCUMENTS) this.#byDocument.set(id, [intent])
    }
  }

  /** Takes out those that are over when a document, or the deletion of a namespace, is projected up to a version. */
  takeOver(space: string, kind: Intent['kind'], ref: DocumentRef, version: Version): Intent[] {
    if (this.#byDocument.size === 0) return []
    if (kind === 'document') return this.#take(idOf({ ...ref, space }), version)
    return [...this.#byDocument].flatMap(([id, [first]]) =>
      first?.space === space && startsWith(first.namespace, ref.namespace) ? this.#take(id, version) : [],
    )
  }

  #take(id: string, version: Version): Intent[] {
    const same = this.#byDocument.get(id) ?? []
    const left = same.filter((intent) => intent.version > version)
    if (left.length > 0) this.#byDocument.set(id, left)
    else this.#byDocument.delete(id)
    return same.filter((intent) => intent.version <= version)
  }
}

function idOf(intent: Pick<Intent, 'namespace' | 'key' | 'space'>): string {
  return `${intent.space} ${refId(intent)}`
}
