import type { VersionClock } from '../document/version.js'
import type { Version } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { Intent } from '../ports/kv-records.js'
import { documentIntents } from './intents.js'
import type { Operation } from './operation.js'

export interface CoverOptions {
  readonly kv: Pick<KVCollection, 'addIntents'>
  readonly spaceName: string
  readonly clock: VersionClock
  /** Versions of this store whose intents it looks after. */
  readonly active: Set<Version>
}

/**
 * Whether an operation is about to write points of a version that is another writer's. When they arrive, that writer may be done with it, have deleted it, and have removed
 * its intents; should this process die then, only an intent above that version makes recovery take them back.
 */
export function needsCover(operation: Operation): boolean {
  return operation.target?.kind === 'present' && !operation.isCoveredUpTo(operation.target.version)
}

/** Writes an intent above the version that each of these operations is about to write. */
export async function cover(operations: readonly Operation[], options: CoverOptions): Promise<void> {
  const covers = operations.map((operation) => coverOf(operation, options))
  await options.kv.addIntents(covers)
  operations.forEach((operation, i) => {
    operation.coveredUpTo = covers[i]?.version
  })
}

/** The intent of an attempt that failed, if it is high enough, or a new one. */
function coverOf(operation: Operation, { spaceName, clock, active }: CoverOptions): Intent {
  const version = operation.target?.kind === 'present' ? operation.target.version : operation.version
  const planned = operation.covers.at(-1)
  if (planned !== undefined && planned.version > version) return planned
  const [intent] = documentIntents(operation.ref, clock.above(version), [spaceName]) as [Intent]
  active.add(intent.version)
  operation.covers = [...operation.covers, intent]
  return intent
}
