import { formatVersion, maxVersion, type VersionClock, versionMicros, versionWriter } from '../document/version.js'
import { faultOf } from '../errors.js'
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

/**
 * Whether a projection is about to write what no intent answers for: points of another writer's version above its
 * intents, or points that lack vectors while all its intents are another writer's.
 */
export function needsFence(projection: Projection, writer: string): boolean {
  const { target, fencedUpTo } = projection
  return target?.kind === 'present' && (target.version > fencedUpTo || needsOwnIntent(projection, writer))
}

/** Whether any process that recovers its intents may remove them, though it would write vectors with the next attempt. */
function needsOwnIntent({ lacking, fencedUpTo, hasOwnIntent }: Projection, writer: string): boolean {
  const waits = lacking !== undefined && faultOf(lacking) !== 'document'
  return waits && !hasOwnIntent && versionWriter(fencedUpTo) !== writer
}

/**
 * Adds fencing intents. If we crash after upserting another writer's version, which that writer may have deleted and
 * finished meanwhile, recovery removes our points. If our points without vectors land on whole ones, which another
 * process has made and finished meanwhile, recovery makes the vectors again.
 */
export async function fence(projections: readonly Projection[], options: FencingOptions): Promise<void> {
  const fences = projections.map((projection) => fenceOf(projection, options))
  await options.kv.addIntents(fences)
  projections.forEach((projection, i) => {
    projection.hasOwnIntent = true
    projection.fencedUpTo = maxVersion(projection.fencedUpTo, fences[i]?.version ?? projection.fencedUpTo)
  })
}

/** The intent of an earlier attempt, if it is high enough, or a new one. */
function fenceOf(projection: Projection, { spaceName, clock, outbox }: FencingOptions): Intent {
  const { target, ref, fences, entries, fencedUpTo } = projection
  const version = target?.kind === 'present' ? target.version : projection.version
  const isAbove = version > fencedUpTo
  const planned = fences.at(-1)
  if (planned !== undefined && (!isAbove || planned.version > version)) return planned
  // Below the document's version, recovery can remove it as soon as the vectors are there.
  const own = isAbove ? clock.above(version) : formatVersion(versionMicros(version) - 1, clock.writer)
  const [intent] = documentIntents(ref, own, [spaceName]) as [Intent]
  outbox.own(intent, entries[0] as Entry)
  projection.fences = [...fences, intent]
  return intent
}
