import { refId } from '../document/namespace.js'
import type { EntryInit } from '../outbox/entry.js'
import { highestVersion } from '../outbox/intents.js'
import type { Intent } from '../ports/kv-records.js'

/** Intents that recovery has found: those of deleted namespaces, and those of documents, by `refId`. */
export interface GroupedIntents {
  readonly prefixes: readonly Intent[]
  readonly documents: ReadonlyMap<string, readonly Intent[]>
}

export function groupIntents(intents: readonly Intent[]): GroupedIntents {
  const prefixes: Intent[] = []
  const documents = new Map<string, Intent[]>()
  for (const intent of intents) {
    if (intent.kind === 'prefix') {
      prefixes.push(intent)
      continue
    }
    const id = refId(intent)
    const same = documents.get(id)
    if (same === undefined) documents.set(id, [intent])
    else same.push(intent)
  }
  return { prefixes, documents }
}

/** The entry that claims intents of one document, or one of a namespace. */
export function claimOf(
  intents: readonly Intent[],
  { searched, isConfirmed }: Pick<EntryInit, 'searched' | 'isConfirmed'>,
): EntryInit {
  const [{ namespace, key, space }] = intents as [Intent, ...Intent[]]
  const version = highestVersion(intents)
  const ref = { namespace, key }
  return { ref, version, intents, spaces: [space], searched, origin: 'recovery', isConfirmed }
}
