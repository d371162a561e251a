import type { VersionClock } from '../document/version.js'
import type { Entry } from '../outbox/entry.js'
import { documentIntents } from '../outbox/intents.js'
import type { Outbox } from '../outbox/outbox.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { Intent } from '../ports/kv-records.js'
import type { Projection } from './projection.js'

export interface FencingOptions {
  readonly kv: Pick<KVCollection, 'addIntents'>
  readonly spaceName: string
  readonly clock: VersionClock
  readonly outbox: Outbox
}

/** Whether a projection is about to write points of a version above its own intents: another writer's. */
export function needsFence({ target, fencedUpTo }: Projection): boolean {
  return target?.kind === 'present' && target.version > fencedUpTo
}

/**
 * Adds fencing intents: if we crash after upserting another writer's version, which that writer may have deleted and
 * finished meanwhile, recovery removes our points.
 */
export async function fence(projections: readonly Projection[], options: FencingOptions): Promise<void> {
  const fences = projections.map((projection) => fenceOf(projection, options))
  await options.kv.addIntents(fences)
  projections.forEach((projection, i) => {
    projection.fencedUpTo = fences[i]?.version ?? projection.fencedUpTo
  })
}

/** The intent of an earlier attempt, if it is high enough, or a new one. */
function fenceOf(projection: Projection, { spaceName, clock, outbox }: FencingOptions): Intent {
  const { target, ref, fences, entries } = projection
  const version = target?.kind === 'present' ? target.version : projection.version
  const planned = fences.at(-1)
  if (planned !== undefined && planned.version > version) return planned
  const [intent] = documentIntents(ref, clock.above(version), [spaceName]) as [Intent]
  outbox.own(intent, entries[0] as Entry)
  projection.fences = [...fences, intent]
  return intent
}
